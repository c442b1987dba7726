import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { type Config, loadConfig } from '../../src/platform/config.ts'
import { OperatorError } from '../../src/platform/errors.ts'
import { SECRET_SETTINGS } from '../../src/platform/given-settings.ts'
import { defaultRateLimits } from '../../src/platform/rate-limits.ts'
import { runScript } from '../support/process.ts'

const KEY = Buffer.alloc(32, 1)
const OTHER_KEY = Buffer.alloc(32, 2)
const SECRET_KEY = KEY.toString('base64')
const DATABASE_URL = 'postgres://user@db.example:5432/sentinel'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinel-pass-config-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** Loads good settings with these on top. */
function load(env: Record<string, string | undefined> = {}): Config {
  return loadConfig({ DATA_DIR: dataDir, SECRET_KEY, ...env })
}

/** The names that are reported as faulty, one for each line. */
function faultsOf(env: Record<string, string | undefined>): string[] {
  try {
    load(env)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    expect(error.exitCode).toBe(78)
    return namesIn(error.message)
  }
  return []
}

function namesIn(message: string): string[] {
  return [...message.matchAll(/^ {2}([A-Z_]+): \S/gm)].map(([, name]) => String(name))
}

it('has a default for everything', () => {
  const { secretKeys, ...config } = loadConfig({ SECRET_KEY })
  expect(secretKeys).toEqual([KEY])
  expect(config).toEqual({
    port: 3000,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:3000',
    apiBaseUrl: 'http://localhost:3000/v1/api',
    databaseUrl: undefined,
    redis: undefined,
    rateLimits: defaultRateLimits,
    databasePool: 10,
    workers: 1,
    keepAliveSeconds: 65,
    drainDelaySeconds: 0,
    dataDir: resolve('./data'),
    bootstrapApiKey: undefined,
    trustProxy: [],
    metricsPort: undefined,
    metricsToken: undefined,
    logLevel: 'info',
    plainGrants: true,
    signingKeyDays: 90,
    defaultSigningAlg: 'ES256',
    resourceServers: [],
    privateMetadataAddresses: false,
    slowHash: { memoryCostKiB: 19_456, timeCost: 2, parallelism: 1 },
    retentionDays: 90,
    organizationCreation: 'instance_owners',
    sessions: { longest: 86_400, idle: 43_200 },
  })
})

const API_KEY = generateChecksummedSecret('spk_')
const ENDPOINT = 'http://collector:4318'
const TRACING = { url: `${ENDPOINT}/v1/traces`, sampler: 'parentbased_always_on', ratio: 1 } as const

it.each<[string, string, Partial<Config>]>([
  ['PORT', '8080', { port: 8080, publicUrl: 'http://localhost:8080' }],
  ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
  ['PUBLIC_URL', 'https://auth.example.com', { apiBaseUrl: 'https://auth.example.com/v1/api' }],
  ['PUBLIC_URL', 'https://example.com/auth/', { publicUrl: 'https://example.com/auth' }],
  ['DATABASE_URL', DATABASE_URL, { databaseUrl: DATABASE_URL }],
  ['DATABASE_URL', 'postgresql://h/db', { databaseUrl: 'postgresql://h/db' }],
  ['REDIS_URL', 'redis://h', { redis: { urls: [new URL('redis://h')], keyPrefix: 'sentinel-pass:' } }],
  ['RATE_LIMITS', 'off', { rateLimits: undefined }],
  ['DATA_DIR', '/var/lib/sentinel', { dataDir: '/var/lib/sentinel' }],
  ['SECRET_KEY', `${SECRET_KEY}, ${OTHER_KEY.toString('base64')}`, { secretKeys: [KEY, OTHER_KEY] }],
  ['BOOTSTRAP_API_KEY', API_KEY, { bootstrapApiKey: API_KEY }],
  ['TRUST_PROXY', 'loopback, 10.0.0.0/8,::1', { trustProxy: ['loopback', '10.0.0.0/8', '::1'] }],
  ['METRICS_PORT', '9464', { metricsPort: 9464 }],
  ['METRICS_TOKEN', 'sixteen-letters-', { metricsToken: 'sixteen-letters-' }],
  ['LOG_LEVEL', 'trace', { logLevel: 'trace' }],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', ENDPOINT, { tracing: TRACING }],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', `${ENDPOINT}/`, { tracing: TRACING }],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'https://otlp.example.com/of/mine',
    { tracing: { ...TRACING, url: 'https://otlp.example.com/of/mine/v1/traces' } },
  ],
  ['OTEL_TRACES_SAMPLER', 'always_on', { tracing: undefined }],
  ['PLAIN_GRANTS', 'off', { plainGrants: false }],
  ['RETENTION_DAYS', '1', { retentionDays: 1 }],
  ['KEEP_ALIVE_SECONDS', '610', { keepAliveSeconds: 610 }],
  ['DRAIN_DELAY_SECONDS', '15', { drainDelaySeconds: 15 }],
  ['WORKERS', '1', { workers: 1 }],
])('takes %s=%s', (name, value, expected) => {
  expect(load({ [name]: value })).toMatchObject(expected)
})

it.each([
  ...['0', '65536', '-1', '80.5', 'http', 'NaN', 'Infinity'].flatMap(value => [
    ['PORT', value],
    ['METRICS_PORT', value],
  ]),
  ['PUBLIC_URL', 'auth.example.com'],
  ['PUBLIC_URL', 'ftp://auth.example.com'],
  ['PUBLIC_URL', 'https://user@auth.example.com'],
  ['PUBLIC_URL', 'https://auth.example.com/?tenant=1'],
  ['PUBLIC_URL', 'https://auth.example.com/#top'],
  ['DATABASE_URL', 'mysql://db/sentinel'],
  ['DATABASE_URL', 'postgres://db:port/sentinel'],
  ['REDIS_URL', 'localhost:6379'],
  ['REDIS_URL', 'http://localhost:6379'],
  ['REDIS_URL', 'redis://'],
  ['REDIS_URL', 'redis://h/db'],
  ['REDIS_URL', 'redis://h?db=1'],
  ['REDIS_URL', 'redis://h,'],
  ['REDIS_URL', 'redis://h/1,redis://i/1'],
  ['REDIS_URL', 'redis://h,rediss://i'],
  ['REDIS_URL', 'redis://u:a@h,redis://u:b@i'],
  ['REDIS_URL', 'redis+sentinel://h'],
  ['REDIS_URL', 'redis://u:a%@h'],
  ['REDIS_URL', 'redis+sentinel://h/service/x'],
  ['REDIS_URL', 'redis+sentinel://h/one,redis+sentinel://i/other'],
  ['REDIS_URL', 'redis+sentinel://h/one,redis://i'],
  ['REDIS_KEY_PREFIX', 'with {tag}'],
  ['RATE_LIMITS', 'on'],
  ['RATE_LIMITS', 'package.json'],
  ['SECRET_KEY', 'short'],
  ['SECRET_KEY', Buffer.alloc(31).toString('base64')],
  ['SECRET_KEY', Buffer.alloc(33).toString('base64')],
  ['SECRET_KEY', `${SECRET_KEY},`],
  ['WORKERS', '0'],
  ['WORKERS', 'all'],
  ['WORKERS', '257'],
  ['KEEP_ALIVE_SECONDS', '0'],
  ['DRAIN_DELAY_SECONDS', '-1'],
  ['BOOTSTRAP_API_KEY', 'secret'],
  ['BOOTSTRAP_API_KEY', `${API_KEY}x`],
  ['BOOTSTRAP_API_KEY', generateChecksummedSecret('sps_')],
  ['TRUST_PROXY', 'everybody'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', 'loopback, 10.0.0'],
  ['METRICS_TOKEN', 'fifteen-letters'],
  ['LOG_LEVEL', 'loud'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', '/v1/traces'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318?key=1'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318/#traces'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', 'half'],
  ['PLAIN_GRANTS', 'maybe'],
  ['RETENTION_DAYS', '0'],
  ['RETENTION_DAYS', '1.5'],
  ['RETENTION_DAYS', '36501'],
  ['RETENTION_DAYS', 'for ever'],
])('refuses %s=%s', (name, value) => {
  expect(new Set(faultsOf({ [name]: value }))).toEqual(new Set([name]))
})

it('says what is wrong with a file that a setting names', () => {
  expect(() => load({ RATE_LIMITS: 'on' })).toThrow(/RATE_LIMITS: must be off, or the path/)
  for (const name of ['RATE_LIMITS', 'RESOURCE_SERVERS'])
    expect(() => load({ [name]: 'package.json' })).toThrow(`${name}: package.json is not usable: `)
})

it('takes the nodes of a cluster', () => {
  const { redis } = load({
    REDIS_URL: 'rediss://u:p@h:7000, rediss://u:p@i:7001/0',
    REDIS_KEY_PREFIX: 'mine:',
  })
  expect(redis?.urls.map(url => url.host)).toEqual(['h:7000', 'i:7001'])
  expect(redis?.keyPrefix).toBe('mine:')
})

it('takes the sampler of the traces', () => {
  const { tracing } = load({
    OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  })
  expect(tracing).toEqual({ ...TRACING, sampler: 'traceidratio', ratio: 0.25 })
})

// The key is good but for the last character of its checksum.
const MISTYPED_KEY = API_KEY.slice(0, -1) + (API_KEY.endsWith('0') ? '1' : '0')

it.each([
  ['REDIS_URL', 'http://u:hidden@h', 'hidden'],
  ['REDIS_URL', 'redis://u:hidden@h/db', 'hidden'],
  ['REDIS_URL', 'redis://u:hidden@h,redis://u:other@i', 'hidden'],
  ['DATABASE_URL', 'mysql://u:hidden@h/vault', 'hidden'],
  ['BOOTSTRAP_API_KEY', MISTYPED_KEY, MISTYPED_KEY],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://u:hidden@h?x', 'hidden'],
])('repeats no secret of a %s that it refuses: %s', (name, value, secret) => {
  expect(faultsOf({ [name]: value })).toEqual([name])
  expect(() => load({ [name]: value })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(secret) }),
  )
})

it('takes an empty variable for one that is not set', () => {
  const names = [
    'PORT',
    'HOST',
    'PUBLIC_URL',
    'DATABASE_URL',
    'REDIS_URL',
    'REDIS_KEY_PREFIX',
    'RATE_LIMITS',
    'BOOTSTRAP_API_KEY',
    'TRUST_PROXY',
    'METRICS_PORT',
  ]
  const others = ['METRICS_TOKEN', 'LOG_LEVEL', 'PLAIN_GRANTS', 'RETENTION_DAYS', 'NODE_ENV']
  const tracing = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG']
  const empty = Object.fromEntries([...names, ...others, ...tracing].map(name => [name, '']))
  expect(load(empty)).toEqual(load())
  expect(faultsOf({ DATABASE_URL, SECRET_KEY: '' })).toEqual(['SECRET_KEY'])
})

it('takes several workers, a number or one for each core, with DATABASE_URL alone', () => {
  expect(load({ DATABASE_URL, WORKERS: '4' }).workers).toBe(4)
  expect(load({ DATABASE_URL, WORKERS: 'auto' }).workers).toBe(availableParallelism())
  expect(faultsOf({ WORKERS: '2' })).toEqual(['WORKERS'])
  expect(() => load({ WORKERS: '2' })).toThrow('the embedded database is of one process')
})

describe('a value that ends in a line break', () => {
  it.each(['\n', '\r\n', '\n\n'])('counts without it: %j', end => {
    expect(
      load({ SECRET_KEY: `${SECRET_KEY}${end}`, METRICS_TOKEN: `sixteen-letters-${end}` }),
    ).toMatchObject({
      secretKeys: [KEY],
      metricsToken: 'sixteen-letters-',
    })
    expect(load({ REDIS_URL: end }).redis).toBeUndefined()
  })
})

describe('a secret setting', () => {
  const fileOf = async (content: string) => {
    const file = join(dataDir, 'secret')
    await writeFile(file, content)
    return file
  }

  it.each(SECRET_SETTINGS)('can be in a file: %s_FILE', async name => {
    const values: Record<(typeof SECRET_SETTINGS)[number], string> = {
      SECRET_KEY,
      DATABASE_URL,
      REDIS_URL: 'redis://h',
      BOOTSTRAP_API_KEY: API_KEY,
      ADMIN_PASSWORD: 'twelve letters and more',
      METRICS_TOKEN: 'sixteen-letters-',
    }
    const file = await fileOf(`${values[name]}\n`)
    const without = name === 'SECRET_KEY' ? { SECRET_KEY: undefined } : {}
    expect(load({ ...without, [`${name}_FILE`]: file })).toEqual(load({ [name]: values[name] }))
  })

  it('is refused where it is given twice, or its file is none or empty, without the value', async () => {
    const file = await fileOf('')
    expect(faultsOf({ SECRET_KEY_FILE: file })).toEqual(['SECRET_KEY_FILE'])
    expect(faultsOf({ SECRET_KEY: undefined, SECRET_KEY_FILE: file, DATABASE_URL })).toEqual([
      'SECRET_KEY_FILE',
    ])
    expect(faultsOf({ METRICS_TOKEN_FILE: join(dataDir, 'none'), PORT: 'x' }).sort()).toEqual([
      'METRICS_TOKEN_FILE',
      'PORT',
    ])
    const secret = await fileOf('short-secret')
    expect(faultsOf({ METRICS_TOKEN_FILE: secret })).toEqual(['METRICS_TOKEN'])
    expect(() => load({ METRICS_TOKEN_FILE: secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('short-secret') }),
    )
  })
})

it('takes another port for the metrics than for everything else', () => {
  expect(faultsOf({ METRICS_PORT: '3000' })).toEqual(['METRICS_PORT'])
})

it('requires SECRET_KEY with DATABASE_URL', () => {
  expect(faultsOf({ DATABASE_URL, SECRET_KEY: undefined })).toEqual(['SECRET_KEY'])
  expect(faultsOf({ DATABASE_URL })).toEqual([])
})

describe('in production', () => {
  const inProduction = (PUBLIC_URL: string) => faultsOf({ NODE_ENV: 'production', PUBLIC_URL })

  it('requires https', () => {
    expect(inProduction('http://auth.example.com')).toEqual(['PUBLIC_URL'])
    expect(inProduction('http://localhost.example.com')).toEqual(['PUBLIC_URL'])
    expect(inProduction('https://auth.example.com')).toEqual([])
    expect(faultsOf({ PUBLIC_URL: 'http://auth.example.com' })).toEqual([])
  })

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:8080'])('takes %s without', url => {
    expect(inProduction(url)).toEqual([])
  })
})

/** A fault in everything that can have one, those between settings included. */
const ALL_BAD = {
  NODE_ENV: 'production',
  PORT: 'x',
  PUBLIC_URL: 'http://auth.example.com',
  DATABASE_URL,
  REDIS_URL: 'x',
  REDIS_KEY_PREFIX: '{',
  RATE_LIMITS: 'x',
  SECRET_KEY: '',
  BOOTSTRAP_API_KEY: 'x',
  TRUST_PROXY: 'x',
  METRICS_PORT: 'x',
  METRICS_TOKEN: 'x',
  LOG_LEVEL: 'x',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'x',
  OTEL_TRACES_SAMPLER: 'x',
  OTEL_TRACES_SAMPLER_ARG: 'x',
  PLAIN_GRANTS: 'x',
  RETENTION_DAYS: 'x',
  WORKERS: 'x',
  KEEP_ALIVE_SECONDS: 'x',
  DRAIN_DELAY_SECONDS: 'x',
}
const ALL_FAULTS = Object.keys(ALL_BAD)
  .filter(name => name !== 'NODE_ENV' && name !== 'DATABASE_URL')
  .sort()

it('names every fault at once', () => {
  expect(faultsOf(ALL_BAD).sort()).toEqual(ALL_FAULTS)
})

it.each(['src/main.ts', 'src/command-line/bootstrap.ts', 'src/migrate.ts'])(
  'has %s end with 78 and every fault, and nothing else',
  async script => {
    const { code, stdout, stderr } = await runScript([script], { DATA_DIR: dataDir, ...ALL_BAD })
    expect(code).toBe(78)
    expect(namesIn(stderr).sort()).toEqual(ALL_FAULTS)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout).toBe('')
  },
)

describe('without SECRET_KEY, on the embedded database', () => {
  const embedded = () => load({ SECRET_KEY: undefined })
  const file = () => join(dataDir, 'secret.key')

  it('makes a key once, for its owner alone to read, and takes it again', async () => {
    const { secretKeys } = embedded()
    expect(secretKeys).toHaveLength(1)
    expect(secretKeys[0]).toHaveLength(32)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    const written = await readFile(file(), 'utf8')
    expect(Buffer.from(written, 'base64')).toEqual(secretKeys[0])
    expect(embedded().secretKeys).toEqual(secretKeys)
    expect(await readFile(file(), 'utf8')).toBe(written)
  })

  it('makes another key in another folder, which it makes too', async () => {
    const first = embedded().secretKeys
    const DATA_DIR = join(dataDir, 'deeper', 'down')
    const second = load({ SECRET_KEY: undefined, DATA_DIR }).secretKeys
    expect(second).not.toEqual(first)
    expect((await stat(DATA_DIR)).mode & 0o777).toBe(0o700)
  })

  it('refuses a key that is damaged, and leaves it as it is', async () => {
    await writeFile(file(), 'damaged')
    expect(embedded).toThrow(OperatorError)
    expect(embedded).toThrow(/secret\.key/)
    expect(await readFile(file(), 'utf8')).toBe('damaged')
  })

  it('makes none where a key is given or the settings are not usable', async () => {
    load()
    expect(faultsOf({ SECRET_KEY: undefined, PORT: 'x' })).toEqual(['PORT'])
    await expect(stat(file())).rejects.toThrow('ENOENT')
  })
})
