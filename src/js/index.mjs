import Imap from './index.js'

export default Imap
