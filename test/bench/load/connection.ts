import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'
const BUFFER_BYTES = 64 * 1024

/** @param status 0 where the connection failed; then `text` says how @param text the whole answer, with its head */
export type Answered = (status: number, text: string) => void

/**
 * A connection that is kept and asks one thing at a time. It reads no more of an answer than its status and its length, and
 * writes requests that are bytes already: the load has to cost little beside what it measures.
 */
export class Connection {
  readonly #socket: Socket
  #text = ''
  /** Bytes that are still to come; undefined while the head is not whole. */
  #missing: number | undefined
  #status = 0
  #answered: Answered | undefined
  #fault: string | undefined

  private constructor(port: number, localAddress: string | undefined) {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    this.#socket = connect({
      ...{ host: '127.0.0.1', port, noDelay: true },
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: {
        buffer,
        callback: bytes => {
          this.#read(buffer.toString('latin1', 0, bytes))
          return true
        },
      },
    })
    this.#socket.on('error', error => this.#fail(error.message))
    this.#socket.on('close', () => this.#fail('the server closed the connection'))
  }

  /** @param localAddress that it comes from; the system's choice when not given @throws when nobody listens */
  static async open(port: number, localAddress?: string): Promise<Connection> {
    const connection = new Connection(port, localAddress)
    await once(connection.#socket, 'connect')
    return connection
  }

  /** Sends a request; the one before it has to be answered. */
  send(request: Uint8Array, answered: Answered): void {
    if (this.#fault === undefined) {
      this.#answered = answered
      this.#socket.write(request)
    } else answered(0, this.#fault)
  }

  /** The same for who waits for it. */
  ask(request: Uint8Array): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise(resolve => this.send(request, (status, text) => resolve({ status, text })))
  }

  close(): void {
    this.#fault ??= 'the connection is closed'
    this.#socket.destroy()
  }

  #read(part: string): void {
    this.#text += part
    if (this.#missing === undefined) {
      const end = this.#text.indexOf(HEAD_END)
      if (end < 0) return
      const length = contentLength(this.#text.slice(0, end + 2))
      if (length === undefined) {
        this.#fail('an answer without Content-Length')
        return
      }
      this.#status = Number(this.#text.slice(9, 12))
      this.#missing = end + HEAD_END.length + length - this.#text.length
    } else this.#missing -= part.length
    if (this.#missing < 0) this.#fail('an answer is longer than its Content-Length')
    else if (this.#missing === 0) this.#answer(this.#status, this.#text)
  }

  #fail(fault: string): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    this.#socket.destroy()
    this.#answer(0, fault)
  }

  #answer(status: number, text: string): void {
    const answered = this.#answered
    this.#answered = undefined
    this.#missing = undefined
    this.#text = ''
    answered?.(status, text)
  }
}

function contentLength(head: string): number | undefined {
  const found = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)
  return found ? Number(found[1]) : undefined
}

/** The body of a whole answer. */
export function bodyOf(text: string): string {
  return text.slice(text.indexOf(HEAD_END) + HEAD_END.length)
}
