import Imap from './connection.js'

export default Imap
