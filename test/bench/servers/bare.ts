import { createServer } from 'node:http'
import { z } from 'zod'

/**
 * What Node.js alone can do: reads the request, and answers the bytes that another server has answered. Its only argument is
 * an object of paths, each with the headers and the body that it answers.
 */
const answers = z
  .object({
    port: z.int(),
    paths: z.record(z.string(), z.object({ headers: z.record(z.string(), z.string()), body: z.string() })),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

createServer((incoming, outgoing) => {
  incoming.resume().once('end', () => {
    const answer = answers.paths[incoming.url ?? '']
    outgoing.writeHead(answer ? 200 : 404, answer?.headers ?? { 'content-length': 0 })
    outgoing.end(answer?.body)
  })
}).listen(answers.port, '127.0.0.1')
