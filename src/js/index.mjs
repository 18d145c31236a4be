import Imap from './index.js'

export default Imap
export const parseHeader = Imap.parseHeader
