import { z } from 'zod'
import { bodyOf, Connection } from '../load/connection.ts'
import { basic, grantRequest, introspectionRequest } from '../load/requests.ts'
import type { Target } from './targets.ts'

/** Of the connection and the moment: Node.js writes its own. */
const NOT_REPEATED = /^(date|connection|keep-alive)$/i

interface Answer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a server answers to a grant and to an introspection, for `bare.ts` to say again. */
export async function bareAnswers({ program, paths, clients }: Target): Promise<Record<string, Answer>> {
  const [pass] = clients.passes
  if (!pass) throw new Error('There is no pass to ask with')
  const connection = await Connection.open(program.port)
  try {
    const grant = partsOf((await connection.ask(grantRequest(paths.token, pass))).text)
    const { access_token } = z.object({ access_token: z.string() }).parse(JSON.parse(grant.body))
    const request = introspectionRequest(paths.introspection, basic(pass), access_token)
    const introspection = partsOf((await connection.ask(request)).text)
    return { [paths.token]: grant, [paths.introspection]: introspection }
  } finally {
    connection.close()
  }
}

function partsOf(text: string): Answer {
  const body = bodyOf(text)
  const lines = text
    .slice(0, text.length - body.length)
    .trimEnd()
    .split('\r\n')
    .slice(1)
  const headers = lines
    .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
    .filter(([name]) => !NOT_REPEATED.test(name))
  return { headers: Object.fromEntries(headers), body }
}
