/** What can be measured, in the order of the tables. */
export const TARGETS = [
  'stock',
  'oauth2-server',
  'bare',
  'pglite',
  'postgresql',
  'postgresql+redis',
  'workers',
] as const
export type TargetName = (typeof TARGETS)[number]

/** What each is, for who reads the table. */
export const TARGET_TITLES: Readonly<Record<TargetName, string>> = {
  stock: 'oidc-provider, in memory',
  'oauth2-server': '@node-oauth/oauth2-server, in memory',
  bare: 'node:http, the same bytes',
  pglite: 'Sentinel Pass, embedded database',
  postgresql: 'Sentinel Pass, PostgreSQL',
  'postgresql+redis': 'Sentinel Pass, PostgreSQL and Redis, limits on',
  workers: 'Sentinel Pass, PostgreSQL, two workers',
}

const OWN = ['pglite', 'postgresql', 'postgresql+redis', 'workers'] as const

/** Resources whose tokens are signed, each by an algorithm of its own. */
export const RESOURCES = {
  EdDSA: 'https://eddsa.bench.example',
  ES256: 'https://es256.bench.example',
  RS256: 'https://rs256.bench.example',
} as const

/** One kind of request, on all that can answer it. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly act: 'grant' | 'introspection'
  /** How the caller of an introspection proves itself: as a pass, by its secret, or by an API key. */
  readonly by: 'secret' | 'key'
  /** What the tokens are for; it decides that they are signed. */
  readonly resource?: string
  /** Whether the passes are those whose tokens are signed without a resource. */
  readonly signedPasses: boolean
  readonly connections: readonly number[]
  readonly targets: readonly TargetName[]
}

const opaque = { by: 'secret', signedPasses: false, connections: [32, 64] } as const
const signed = { act: 'grant', by: 'secret', connections: [32] } as const
const signers = ['stock', 'pglite', 'postgresql', 'workers'] as const

/** The plain one, next to which others are measured as well. */
export const GRANTS: Scenario = { ...opaque, name: 'grants', title: 'Grants', act: 'grant', targets: TARGETS }

export const SCENARIOS: readonly Scenario[] = [
  GRANTS,
  {
    ...opaque,
    name: 'introspections',
    title: 'Introspections by a pass with its secret',
    act: 'introspection',
    targets: ['stock', 'bare', ...OWN],
  },
  {
    ...opaque,
    name: 'key-introspections',
    title: 'Introspections by an API key, next to oidc-provider by secret',
    act: 'introspection',
    by: 'key',
    targets: ['stock', 'pglite', 'postgresql', 'postgresql+redis', 'workers'],
  },
  {
    ...signed,
    name: 'signed',
    title: 'Grants of signed tokens for no resource (ES256)',
    signedPasses: true,
    targets: ['pglite', 'postgresql', 'workers'],
  },
  ...(['EdDSA', 'ES256', 'RS256'] as const).map(alg => ({
    ...signed,
    name: alg.toLowerCase(),
    title: `Grants of signed tokens for a resource (${alg})`,
    signedPasses: false,
    resource: RESOURCES[alg],
    targets: signers,
  })),
  {
    ...signed,
    name: 'signed-introspections',
    title: 'Introspections of signed tokens by a pass with its secret',
    act: 'introspection',
    signedPasses: true,
    targets: ['pglite', 'postgresql', 'workers'],
  },
]
