//! Who moves a session on.
//!
//! The network and the clock have a thread of the runtime do it. A program that asks for something
//! need not wait until that thread is awake, which takes longer than the work: its own thread moves
//! the session as far as it goes now, in most cases to the write on the socket.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use tokio::runtime::Handle;

/// A future that a task of the runtime moves on, or who has news for it.
pub struct Driven {
    runtime: Handle,
    /// `None` once it is done.
    work: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    alert: Arc<Alert>,
    waker: Waker,
}

/// Who is to hear that there is something to do.
#[derive(Default)]
struct Alert {
    place: AtomicU8,
    task: AtomicWaker,
}

/// The task is to be woken.
const THERE: u8 = 0;
/// Somebody is at it who will look himself.
const HERE: u8 = 1;
/// The same, and there is something to do since he looked.
const HERE_AGAIN: u8 = 2;

impl Driven {
    /// Begins with the work, in a task of the runtime.
    pub fn spawn(runtime: &Handle, work: impl Future<Output = ()> + Send + 'static) -> Arc<Driven> {
        let alert = Arc::<Alert>::default();
        let driven = Arc::new(Driven {
            runtime: runtime.clone(),
            work: Mutex::new(Some(Box::pin(work))),
            waker: Waker::from(alert.clone()),
            alert,
        });
        let task = driven.clone();
        runtime.spawn(poll_fn(move |cx| task.poll(cx)));
        driven
    }

    /// Tells the news, which wake the work, and does on this thread what there is to do then;
    /// unless another thread is at it, which hears of them too.
    pub fn drive(&self, tell: impl FnOnce()) {
        let Ok(mut work) = self.work.try_lock() else {
            return tell();
        };
        let Alert { place, task } = &*self.alert;
        place.store(HERE, Ordering::SeqCst);
        tell();
        // What has come until now is seen to now; whoever brought it has done so before this.
        place.swap(HERE, Ordering::SeqCst);
        let _context = self.runtime.enter();
        let is_over = advance(&mut work, &self.waker).is_ready();
        // Before others are called again: they must not find it locked by one who looks no more.
        drop(work);
        let is_left = place.swap(THERE, Ordering::SeqCst) == HERE_AGAIN;
        if is_over || is_left {
            task.wake();
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.alert.task.register(cx.waker());
        match self.work.try_lock() {
            Ok(mut work) => advance(&mut work, &self.waker),
            // Who is at it looks after the call that has led here, or wakes this task again.
            Err(_) => Poll::Pending,
        }
    }
}

fn advance(work: &mut Option<Pin<Box<dyn Future<Output = ()> + Send>>>, waker: &Waker) -> Poll<()> {
    let Some(future) = work else {
        return Poll::Ready(());
    };
    let poll = future.as_mut().poll(&mut Context::from_waker(waker));
    if poll.is_ready() {
        *work = None;
    }
    poll
}

impl Wake for Alert {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let exchange = |from| {
            let (done, otherwise) = (Ordering::SeqCst, Ordering::SeqCst);
            self.place
                .compare_exchange(from, HERE_AGAIN, done, otherwise)
        };
        if exchange(HERE) == Err(THERE) {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread::{self, ThreadId};
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::mpsc::unbounded_channel;
    use tokio::time::sleep;

    use super::*;

    fn runtime(workers: usize) -> Runtime {
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(workers)
            .enable_all()
            .build()
            .unwrap()
    }

    #[test]
    fn news_are_seen_to_where_they_are_told() {
        let runtime = runtime(1);
        // Its only thread has something else to do.
        let (busy, is_busy) = std::sync::mpsc::channel::<()>();
        let (begun, has_begun) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            begun.send(()).unwrap();
            is_busy.recv()
        });
        has_begun.recv().unwrap();
        let (news, mut hears) = unbounded_channel::<std::sync::mpsc::Sender<ThreadId>>();
        let driven = Driven::spawn(runtime.handle(), async move {
            while let Some(answer) = hears.recv().await {
                answer.send(thread::current().id()).unwrap();
                // Whatever it waits for then, the runtime sees to.
                sleep(Duration::from_millis(1)).await;
                answer.send(thread::current().id()).unwrap();
            }
        });
        let (answer, answers) = std::sync::mpsc::channel();
        driven.drive(|| news.send(answer).unwrap());
        assert_eq!(answers.try_recv(), Ok(thread::current().id()));
        drop(busy);
        let later = answers.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_ne!(later, thread::current().id());
    }

    #[test]
    fn nothing_is_lost_whoever_tells_what_whenever() {
        const NEWS: usize = 20_000;
        for workers in [1, 2] {
            let runtime = runtime(workers);
            let (news, mut hears) = unbounded_channel();
            let heard = Arc::new(AtomicUsize::new(0));
            let counts = heard.clone();
            let driven = Driven::spawn(runtime.handle(), async move {
                let mut last = [None; 2];
                while let Some((from, number)) = hears.recv().await {
                    let last: &mut Option<usize> = &mut last[from];
                    assert!(last.replace(number) < Some(number));
                    counts.fetch_add(1, Ordering::SeqCst);
                }
            });
            let other = news.clone();
            let others = thread::spawn(move || {
                for number in 0..NEWS {
                    other.send((0, number)).unwrap();
                }
            });
            for number in 0..NEWS {
                driven.drive(|| news.send((1, number)).unwrap());
                // Now and then it falls asleep in between.
                if number % 1000 == 0 {
                    thread::sleep(Duration::from_micros(200));
                }
            }
            others.join().unwrap();
            // Whoever is at it still comes to the end without another call.
            let began = std::time::Instant::now();
            while heard.load(Ordering::SeqCst) < 2 * NEWS {
                assert!(began.elapsed() < Duration::from_secs(30));
                thread::yield_now();
            }
        }
    }

    #[test]
    fn the_task_ends_with_the_work_wherever_that_was_done() {
        for here in [true, false] {
            let runtime = runtime(1);
            let (news, mut hears) = unbounded_channel::<()>();
            let driven = Driven::spawn(runtime.handle(), async move {
                hears.recv().await;
            });
            match here {
                true => driven.drive(|| news.send(()).unwrap()),
                false => news.send(()).unwrap(),
            }
            let began = std::time::Instant::now();
            while Arc::strong_count(&driven) > 1 {
                assert!(began.elapsed() < Duration::from_secs(30));
                thread::yield_now();
            }
        }
    }
}
