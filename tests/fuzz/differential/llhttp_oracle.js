// Reads messages with node's own HTTP parser, llhttp, in its strict form, and tells what it read. For differential.cpp,
// which writes and reads the two files: `node llhttp_oracle.js INPUT OUTPUT`.
//
// INPUT: for each message its kind (`q` request, `a` answer), four bytes of length (little endian), the bytes.
// OUTPUT: for each message four bytes of length and either `-` and an error's name, or what reading.h says.
'use strict';

const fs = require('fs');
const {HTTPParser, methods} = require('_http_common');

class Reading {
  constructor(kind) {
    this.lines = [];
    this.body = [];
    this.headed = false;
    this.whole = false;
    const parser = this.parser = new HTTPParser();
    parser.initialize(kind === 'q' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {}, 1 << 20, 0);
    let flushed = [];
    let target = '';
    parser[HTTPParser.kOnHeaders | 0] = (fields, url) => {
      if (this.headed) return;  // a trailer
      flushed = flushed.concat(fields);
      target += url;
    };
    parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, fields, method, url, status) => {
      if (this.whole) return 0;
      this.headed = true;
      const start = kind === 'q' ? [methods[method], target + (url || '')] : [String(status)];
      this.lines = [...start, String(minor), ...flushed, ...(fields || [])];
      return 0;
    };
    parser[HTTPParser.kOnBody | 0] = (buffer, offset, length) => {
      const piece = offset === undefined ? buffer : buffer.subarray(offset, offset + length);
      if (!this.whole) this.body.push(Buffer.from(piece));
    };
    parser[HTTPParser.kOnMessageComplete | 0] = () => { this.whole = true; };
  }

  feed(bytes) {
    const result = this.parser.execute(bytes);
    return result instanceof Error ? result.code || String(result) : '';
  }

  text() {
    return Buffer.concat([Buffer.from(this.lines.join('\0') + '\0\0', 'latin1'), ...this.body]);
  }
}

function read(kind, bytes) {
  const reading = new Reading(kind);
  const last = Math.max(bytes.length - 1, 0);
  let error = reading.feed(bytes.subarray(0, last));
  if (!error && reading.whole) error = 'ENDS_EARLIER';
  if (!error) error = reading.feed(bytes.subarray(last));
  if (!error && !reading.whole) {
    const end = reading.parser.finish();  // an answer may last until its connection's end
    if (end instanceof Error) error = end.code;
    if (!error && !reading.whole) error = 'NOT_WHOLE';
  }
  return error ? Buffer.from('-' + error) : Buffer.concat([Buffer.from('+'), reading.text()]);
}

const input = fs.readFileSync(process.argv[2]);
const output = [];
for (let at = 0; at < input.length;) {
  const kind = String.fromCharCode(input[at]);
  const length = input.readUInt32LE(at + 1);
  const said = read(kind, input.subarray(at + 5, at + 5 + length));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(said.length);
  output.push(size, said);
  at += 5 + length;
}
fs.writeFileSync(process.argv[3], Buffer.concat(output));
