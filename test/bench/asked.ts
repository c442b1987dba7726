import { z } from 'zod'
import { type Asked, askEach } from './load/closed-loop.ts'
import { basic, grantRequest, introspectionRequest } from './load/requests.ts'
import type { Scenario } from './scenarios.ts'
import type { Target } from './servers/targets.ts'

const FETCHED_AT_ONCE = 8
/** oidc-provider keeps the last 1,000 tokens in memory: these are among them until the round is over. */
const TOKENS_OF_ONE_CLIENT = 500
const granted = z.object({ access_token: z.string() })

/** The requests of a round: every client's grant, or introspections of tokens that were fetched for it. */
export async function askedOf(scenario: Scenario, target: Target): Promise<Asked> {
  const { port } = target.program
  const grants = grantsOf(scenario, target)
  if (scenario.act === 'grant') return { port, requests: grants, expected: '"access_token":' }
  const tokens = await fetchTokens(target, grants)
  const callers = callersOf(scenario, target)
  const requests = tokens.map((token, index) =>
    introspectionRequest(target.paths.introspection, callers[(index + 1) % callers.length] ?? {}, token),
  )
  return { port, requests, expected: '"active":true' }
}

function grantsOf({ signedPasses, resource }: Scenario, { clients, paths }: Target): Buffer[] {
  const passes = signedPasses ? clients.signedPasses : clients.passes
  return passes.map(pass => grantRequest(paths.token, pass, resource))
}

async function fetchTokens(target: Target, grants: readonly Buffer[]): Promise<string[]> {
  const asked = grants.length > 1 ? grants : Array.from({ length: TOKENS_OF_ONE_CLIENT }, () => grants).flat()
  const answers = await askEach(
    { port: target.program.port, requests: asked, expected: '"access_token":' },
    FETCHED_AT_ONCE,
  )
  return answers.map(body => granted.parse(JSON.parse(body)).access_token)
}

/** Who asks: an API key, or each pass for the token of another; of other servers their one client. */
function callersOf({ by, signedPasses }: Scenario, { clients }: Target): Readonly<Record<string, string>>[] {
  if (by === 'key' && clients.apiKeys.length > 0) return clients.apiKeys.map(key => ({ 'api-key': key }))
  return (signedPasses ? clients.signedPasses : clients.passes).map(basic)
}
