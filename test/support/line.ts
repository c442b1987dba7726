import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What stands between a server and something that it needs, and can be cut or led elsewhere. */
export interface Line {
  readonly port: number
  isOpen(): boolean
  /** Takes what is sent, and hands nothing on. */
  hang(): void
  cut(): Promise<void>
  mend(): Promise<void>
  /** Has those that come from now on reach another port of the same host; those that are there stay. */
  leadTo(port: number): void
}

export async function lineTo(host: string, port: number): Promise<Line> {
  let target = port
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const line: Server = createServer(socket => {
    const onward = connect(target, host)
    keep(socket)
    keep(onward)
    socket.pipe(onward).pipe(socket)
  })
  await once(line.listen(0, '127.0.0.1'), 'listening')
  const address = line.address()
  const own = typeof address === 'object' && address ? address.port : 0
  return {
    port: own,
    isOpen: () => line.listening,
    hang() {
      for (const socket of sockets) socket.pause()
    },
    async cut() {
      line.close()
      for (const socket of sockets) socket.destroy()
      await once(line, 'close')
    },
    async mend() {
      await once(line.listen(own, '127.0.0.1'), 'listening')
    },
    leadTo(other) {
      target = other
    },
  }
}
