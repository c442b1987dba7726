import { z } from 'zod'
import { generateChecksummedSecret } from '../../../src/platform/checksummed-secret.ts'
import type { Credentials } from '../load/requests.ts'
import { RESOURCES } from '../scenarios.ts'

const ORGANIZATIONS = '/v1/api/organizations'
const API_KEYS = 32
/** So few because each costs an argon2id. */
const SIGNED_PASSES = 200
const MADE_AT_ONCE = 8

export interface PassCredentials extends Credentials {
  /** The agent of the pass, in the log; empty where there is none. */
  readonly agentUserId: string
}

/** What clients of this server need, on one database. */
export interface Installation {
  /** The path of the project in the API; empty where there is none. */
  readonly project: string
  readonly passes: readonly PassCredentials[]
  /** Their tokens are signed, whatever they are for. */
  readonly signedPasses: readonly PassCredentials[]
  readonly apiKeys: readonly string[]
}

/** The key of the first project, which the first start makes. */
export const FIRST_KEY = generateChecksummedSecret('spk_')

const list = z.object({ data: z.tuple([z.object({ id: z.string() })]) })
const pass = z.object({
  meta: z.object({
    credentials: z.object({ clientId: z.string(), clientSecret: z.string(), agentUserId: z.string() }),
  }),
})
const key = z.object({ meta: z.object({ secretKey: z.string() }) })

/** Makes passes, keys and resource servers over the API of a server that runs, and was started with the first key. */
export async function install(port: number, passes: number): Promise<Installation> {
  const call = async (path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}${ORGANIZATIONS}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'api-key': FIRST_KEY, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path} answered ${await answer.text()}`)
    return answer.json()
  }
  const [organization] = list.parse(await call('')).data
  const [project] = list.parse(await call(`/${organization.id}/projects`)).data
  const path = `/${organization.id}/projects/${project.id}`
  const make = (collection: string, body: object) => call(`${path}/${collection}`, body)
  for (const [signingAlg, resource] of Object.entries(RESOURCES))
    await make('resource_servers', { data: { attributes: { resource, signingAlg, tokenFormat: 'jwt' } } })
  const makePass = (tokenFormat: string) => async (index: number) => {
    const made = await make('sentinel_passes', {
      sentinelPass: {
        title: `Bench agent ${index}`,
        // The highest limits, which no pass comes near.
        ...{ accessLevel: 'enterprise', scopes: ['read', 'write'], tokenFormat },
        resources: Object.values(RESOURCES),
      },
    })
    return pass.parse(made).meta.credentials
  }
  return {
    project: `${ORGANIZATIONS}${path}`,
    passes: await inParallel(passes, makePass('opaque')),
    signedPasses: await inParallel(Math.min(passes, SIGNED_PASSES), makePass('jwt')),
    apiKeys: await inParallel(
      API_KEYS,
      async () => key.parse(await make('api_keys', { data: {} })).meta.secretKey,
    ),
  }
}

async function inParallel<Result>(
  count: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = Array.from({ length: count }).keys()
  await Promise.all(
    Array.from({ length: MADE_AT_ONCE }, async () => {
      for (const index of left) results[index] = await work(index)
    }),
  )
  return results
}
