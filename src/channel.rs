//! A channel without a limit that takes no memory while nothing is on its way.
//!
//! A session has three of them, and most sessions do nothing most of the time: those of tokio keep
//! room for 32 messages each, which is most of what an idle session would take.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Both ends of a channel.
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let shared = Arc::new(Shared(Mutex::new(State {
        queue: VecDeque::new(),
        waiting: None,
        senders: 1,
        is_received: true,
    })));
    let sender = UnboundedSender(shared.clone());
    (sender, UnboundedReceiver(shared))
}

/// The end that sends. Clones send to the same receiver.
pub struct UnboundedSender<T>(Arc<Shared<T>>);

/// The end that receives, in the order in which was sent.
pub struct UnboundedReceiver<T>(Arc<Shared<T>>);

struct Shared<T>(Mutex<State<T>>);

struct State<T> {
    queue: VecDeque<T>,
    /// Whom the next message wakes.
    waiting: Option<Waker>,
    senders: usize,
    is_received: bool,
}

impl<T> UnboundedSender<T> {
    /// Sends a message.
    ///
    /// # Errors
    ///
    /// The message, if its receiver is gone.
    pub fn send(&self, message: T) -> Result<(), T> {
        let mut state = self.0.state();
        if !state.is_received {
            return Err(message);
        }
        state.queue.push_back(message);
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        Ok(())
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> UnboundedSender<T> {
        self.0.state().senders += 1;
        UnboundedSender(self.0.clone())
    }
}

impl<T> Drop for UnboundedSender<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.senders -= 1;
        let waiting = match state.senders {
            0 => state.waiting.take(),
            _ => None,
        };
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl<T> UnboundedReceiver<T> {
    /// The next message; `None` when all senders are gone and nothing is left. Nothing is lost when
    /// the future is dropped.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// The next message, if there is one already.
    pub fn try_recv(&mut self) -> Option<T> {
        self.0.state().next()
    }

    fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.state();
        if let Some(message) = state.next() {
            return Poll::Ready(Some(message));
        }
        if state.senders == 0 {
            return Poll::Ready(None);
        }
        match &mut state.waiting {
            Some(waiting) => waiting.clone_from(context.waker()),
            waiting => *waiting = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_received = false;
        let unread = std::mem::take(&mut state.queue);
        // What a message does when it is dropped is done without the lock.
        drop(state);
        drop(unread);
    }
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here panics half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn next(&mut self) -> Option<T> {
        let message = self.queue.pop_front();
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        message
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnboundedSender")
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnboundedReceiver")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_threads_send_is_received_once_and_in_their_order() {
        const SENT: u32 = 10_000;
        let (sender, mut receiver) = unbounded_channel();
        for thread in 0..3 {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for number in 0..SENT {
                    sender.send((thread, number)).unwrap();
                }
            });
        }
        drop(sender);
        let mut next = [0; 3];
        while let Some((thread, number)) = receiver.recv().await {
            assert_eq!(number, next[thread]);
            next[thread] += 1;
        }
        assert_eq!(next, [SENT; 3]);
    }

    #[tokio::test]
    async fn a_receiver_hears_of_messages_and_of_the_end_while_it_waits() {
        let (sender, mut receiver) = unbounded_channel();
        assert_eq!(receiver.try_recv(), None);
        let receiving = tokio::spawn(async move {
            let first = receiver.recv().await;
            (first, receiver.recv().await)
        });
        tokio::task::yield_now().await;
        sender.send(1).unwrap();
        tokio::task::yield_now().await;
        drop(sender);
        assert_eq!(receiving.await.unwrap(), (Some(1), None));
    }

    #[test]
    fn a_message_that_nobody_receives_is_given_back() {
        let (sender, receiver) = unbounded_channel();
        let message = Arc::new(());
        sender.send(message.clone()).unwrap();
        drop(receiver);
        assert_eq!(Arc::strong_count(&message), 1);
        assert!(sender.send(message).is_err());
    }

    #[test]
    fn an_empty_channel_keeps_no_room() {
        let (sender, mut receiver) = unbounded_channel();
        for number in 0..100 {
            sender.send(number).unwrap();
        }
        while receiver.try_recv().is_some() {}
        assert_eq!(receiver.0.state().queue.capacity(), 0);
    }
}
