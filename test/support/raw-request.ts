import { connect, type Socket } from 'node:net'

/** A connection to a server, for what no client library sends. */
export function openConnection(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect(Number(port), hostname)
}

/** Everything that comes until the server closes the connection. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', part => {
      text += part
    })
    socket.once('close', () => resolve(text))
    socket.once('error', error =>
      'code' in error && error.code === 'ECONNRESET' ? resolve(text) : reject(error),
    )
  })
}

/** An answer taken apart. */
export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export function parseAnswer(text: string): RawAnswer {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s)
  const [line = '', ...fields] = head.split('\r\n')
  const headers = fields.map(field => {
    const [name = '', value = ''] = field.split(/: *(.*)/s)
    return [name.toLowerCase(), value] as const
  })
  return { status: Number(line.split(' ')[1]), headers: new Map(headers), body }
}

/** Sends these bytes and reads the answer. */
export async function sendRaw(url: string, text: string): Promise<RawAnswer> {
  const socket = openConnection(url)
  const answer = readAll(socket)
  socket.write(text)
  return parseAnswer(await answer)
}
