// Loaded into json-server before its own code (node --require): it listens on 127.0.0.1 only, at a free port, and says
// at which. The release from 1.0 on would listen on every interface, whatever --host says.
const net = require('node:net')

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  this.once('listening', () => console.log(`listening port=${this.address().port}`))
  return listen.call(this, { host: '127.0.0.1', port: 0 }, args.find((arg) => typeof arg === 'function'))
}
