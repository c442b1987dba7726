import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy as it stands before a server that shares its host with others. */
export interface StrippingProxy {
  /** Where people and clients reach the server. */
  readonly url: string
  /** Every path that was asked for and is not the server's. */
  readonly strays: readonly string[]
  /** Says where the server listens. */
  forwardTo(port: number): void
  close(): Promise<void>
}

/** Starts a proxy that hands on what comes below a path, without it, and the metadata of the issuer with that path. */
export async function startStrippingProxy(path: string): Promise<StrippingProxy> {
  let port = 0
  const strays: string[] = []
  const proxy = createServer((incoming, outgoing) => {
    const { headers, method, url = '' } = incoming
    const isMetadata = url === `/.well-known/oauth-authorization-server${path}`
    if (!isMetadata && !url.startsWith(`${path}/`)) {
      strays.push(url)
      outgoing.writeHead(404).end()
      return
    }
    const target = isMetadata ? url : url.slice(path.length)
    const onward = request({ host: '127.0.0.1', port, method, headers, path: target }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.once('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy does not listen on a port')
  return {
    url: `http://127.0.0.1:${address.port}${path}`,
    strays,
    forwardTo(target) {
      port = target
    },
    async close() {
      const closed = new Promise(resolve => proxy.close(resolve))
      // Of an answer whose body nobody has read, the client would keep the connection for seconds.
      proxy.closeAllConnections()
      await closed
    },
  }
}
