import { fstatSync } from 'node:fs'

// Loaded before a server: its standard input is a pipe from the run that started it, and closes when that ends, in whatever
// way. A run that was killed leaves no server behind.
const STDIN = 0
if (fstatSync(STDIN).isSocket() || fstatSync(STDIN).isFIFO()) {
  process.stdin.resume().once('close', () => process.kill(process.pid, 'SIGKILL'))
  if ('unref' in process.stdin) process.stdin.unref()
}
