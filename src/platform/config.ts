import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import proxyAddr from 'proxy-addr'
import { z } from 'zod'
import argon2id from '../../config/argon2id.json' with { type: 'json' }
import resourceServers from '../../config/resource-servers.json' with { type: 'json' }
import { isChecksummedSecret } from './checksummed-secret.ts'
import { normalizedEmail } from './email.ts'
import { embeddedSecretKey, SECRET_KEY_BYTES } from './embedded-secret-key.ts'
import { EX_CONFIG, OperatorError } from './errors.ts'
import { givenSettings } from './given-settings.ts'
import { jsonFile } from './json-file.ts'
import { passwordFormFault } from './password-policy.ts'
import { FEWEST_CONNECTIONS } from './pool-sizes.ts'
import { parsePostgresUrl } from './postgresql-location.ts'
import { defaultRateLimits, type RateLimits, rateLimitsFile } from './rate-limits.ts'
import { type RedisLocation, redisUrls } from './redis-location.ts'
import type { SlowHashCost } from './slow-hash.ts'
import { otlpEndpoint, SAMPLERS, type TracingSettings } from './tracing-settings.ts'

export {
  ACCESS_LEVELS,
  type AccessLevel,
  type AccessLevelLimits,
  accessLevelLimits,
  maxTokenTtlSeconds,
  settledTokenTtl,
} from './access-levels.ts'

const MOST_WORKERS = 256

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/**
 * Everything that can be set, parsed once; nothing else reads `process.env`, but OpenTelemetry's packages the variables
 * of its specification that are not named here.
 */
export interface Config {
  readonly port: number
  readonly host: string
  /** Issuer and base of every URL, without a trailing slash. */
  readonly publicUrl: string
  /** `PUBLIC_URL/v1/api`. */
  readonly apiBaseUrl: string
  /** PostgreSQL's address, or undefined for the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  /** How long a connection without a request is kept. */
  readonly keepAliveSeconds: number
  /** How long a server that is to stop serves on while it says that it is not ready. */
  readonly drainDelaySeconds: number
  /** Processes that serve; 1: this one itself does. */
  readonly workers: number
  /** How many connections to PostgreSQL a process has at most. */
  readonly databasePool: number
  /** Where limits are counted for all nodes; undefined: each counts in its memory. */
  readonly redis: RedisLocation | undefined
  /** What may be asked for how often, or undefined for no limits at all. */
  readonly rateLimits: RateLimits | undefined
  /** 32-byte keys, newest first: the first writes, each may read. */
  readonly secretKeys: readonly Buffer[]
  readonly bootstrapApiKey: string | undefined
  /** The first owner; what is not given is made up and told once. */
  readonly adminEmail: string | undefined
  readonly adminPassword: string | undefined
  /** Addresses, ranges or names (`loopback`) of the proxies whose `X-Forwarded-For` and `Client-Cert` count. */
  readonly trustProxy: readonly string[]
  readonly metricsPort: number | undefined
  readonly metricsToken: string | undefined
  readonly logLevel: LogLevel
  /** Where traces go; undefined: there are none. */
  readonly tracing: TracingSettings | undefined
  readonly retentionDays: number
  /** How long people are signed in: at the longest, and without doing anything; in seconds. */
  readonly sessions: { readonly longest: number; readonly idle: number }
  /** Who may make organizations: owners of the first one, or everybody who is signed in. */
  readonly organizationCreation: 'instance_owners' | 'anyone'
  /** Whether plain grants and introspections take the short way past the library (`oauth/plain-*.ts`). */
  readonly plainGrants: boolean
  /** After how many days of signing a key is replaced. */
  readonly signingKeyDays: number
  /** What signs the tokens that no resource server has another wish for. */
  readonly defaultSigningAlg: SigningAlgorithm
  /** Resource servers that every start registers (RFC 8707). */
  readonly resourceServers: readonly ProvisionedResource[]
  /** Whether metadata of resources may be read from private addresses. */
  readonly privateMetadataAddresses: boolean
  /** What it costs to hash a secret, from `config/argon2id.json`. */
  readonly slowHash: SlowHashCost
}

/** Algorithms that tokens can be signed with, the one that most verifiers know first. */
export const SIGNING_ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/** Resource servers that every start sees to; what they are besides is judged by their own schema. */
const resourceServerList = z.array(
  z.looseObject({
    resource: z.string('must be the URI of a resource'),
    project: z.string('must be the id of the project that it belongs to, or its name'),
  }),
)
export type ProvisionedResource = z.output<typeof resourceServerList>[number]

const slowHash: SlowHashCost = z
  .strictObject({ memoryCostKiB: z.int().min(8), timeCost: z.int().min(1), parallelism: z.int().min(1) })
  .parse(argon2id)

const port = z.coerce.number({ error: 'must be a port number' }).pipe(z.int().min(1).max(65535))

const publicUrl = z.string().transform((value, context) => {
  const url = URL.parse(value)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash || url.username) {
    context.addIssue('must be an http or https URL without user, query or fragment')
    return z.NEVER
  }
  // It stands in the paths of cookies and in pages.
  if (!/^(\/[\w.~-]+)*\/*$/.test(url.pathname)) {
    context.addIssue(
      'may have letters, digits, hyphens, dots, underscores and tildes in the segments of its path',
    )
    return z.NEVER
  }
  return url.href.replace(/\/+$/, '')
})

const secretKeys = z.string().transform((value, context) => {
  const keys = value.split(',').map(key => Buffer.from(key.trim(), 'base64'))
  if (keys.some(key => key.length !== SECRET_KEY_BYTES)) {
    context.addIssue('must be 32 bytes in base64 (`openssl rand -base64 32`), or several, newest first')
    return z.NEVER
  }
  return keys
})

const trustProxy = z.string().transform((value, context) => {
  const trusted = value
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
  try {
    proxyAddr.compile(trusted)
    return trusted
  } catch {
    context.addIssue(
      'must be addresses, CIDR ranges, or loopback, linklocal, uniquelocal, separated by commas',
    )
    return z.NEVER
  }
})

/** @param max hours */
function hours(max: number) {
  return z.coerce.number({ error: 'must be a number of hours' }).pipe(z.int().min(1).max(max))
}

function seconds(min: number, max: number) {
  return z.coerce.number({ error: 'must be a number of seconds' }).pipe(z.int().min(min).max(max))
}

const environment = z
  .object({
    NODE_ENV: z.string().optional(),
    PORT: port.default(3000),
    HOST: z.string().min(1).default('127.0.0.1'),
    PUBLIC_URL: publicUrl.optional(),
    DATABASE_URL: z
      .string()
      .superRefine((value, context) => {
        const location = parsePostgresUrl(value)
        if ('fault' in location) context.addIssue(location.fault)
      })
      .optional(),
    KEEP_ALIVE_SECONDS: seconds(1, 3600).default(65),
    DRAIN_DELAY_SECONDS: seconds(0, 300).default(0),
    WORKERS: z
      .union([z.literal('auto'), z.coerce.number().pipe(z.int().min(1).max(MOST_WORKERS))], {
        error: `must be auto or a number of processes, at most ${MOST_WORKERS}`,
      })
      .transform(value => (value === 'auto' ? availableParallelism() : value))
      .default(1),
    DATABASE_POOL: z.coerce
      .number({ error: 'must be a number of connections' })
      .pipe(z.int().min(FEWEST_CONNECTIONS).max(1000))
      .default(10),
    DATA_DIR: z.string().min(1).default('./data'),
    REDIS_URL: redisUrls.optional(),
    REDIS_KEY_PREFIX: z
      .string()
      .regex(
        /^[A-Za-z0-9:._-]{1,64}$/,
        'must be up to 64 letters, digits, colons, dots, underscores or hyphens',
      )
      .default('sentinel-pass:'),
    RATE_LIMITS: z
      .string()
      .transform((value, context) => (value === 'off' ? null : rateLimitsFile(value, context)))
      .default(defaultRateLimits),
    SECRET_KEY: secretKeys.optional(),
    BOOTSTRAP_API_KEY: z
      .string()
      .refine(
        value => isChecksummedSecret('spk_', value),
        'must have the form of an API key: spk_, 43 base62 characters and their checksum',
      )
      .optional(),
    ADMIN_EMAIL: z
      .string()
      .regex(/^[^\s@]+@[^\s@]+$/, 'must be an email address')
      .transform(normalizedEmail)
      .optional(),
    ADMIN_PASSWORD: z
      .string()
      .superRefine((value, context) => {
        const fault = passwordFormFault(value)
        if (fault !== undefined) context.addIssue(fault)
      })
      .optional(),
    TRUST_PROXY: trustProxy.default([]),
    METRICS_PORT: port.optional(),
    METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint.optional(),
    OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
    OTEL_TRACES_SAMPLER_ARG: z.coerce
      .number({ error: 'must be a number from 0 to 1' })
      .pipe(z.number().min(0).max(1))
      .default(1),
    SIGNING_KEY_DAYS: z.coerce
      .number({ error: 'must be a number of days' })
      .pipe(z.int().min(1).max(3650))
      .default(90),
    DEFAULT_SIGNING_ALG: z
      .enum(SIGNING_ALGORITHMS, `must be one of ${SIGNING_ALGORITHMS.join(', ')}`)
      .default('ES256'),
    RESOURCE_SERVERS: z
      .string()
      .transform(jsonFile(resourceServerList))
      .default(resourceServerList.parse(resourceServers)),
    SESSION_HOURS: hours(24 * 365).default(24),
    SESSION_IDLE_HOURS: hours(24 * 365).default(12),
    PRIVATE_METADATA_ADDRESSES: z.enum(['on', 'off']).default('off'),
    PLAIN_GRANTS: z.enum(['on', 'off']).default('on'),
    ORGANIZATION_CREATION: z.enum(['instance_owners', 'anyone']).default('instance_owners'),
    RETENTION_DAYS: z.coerce
      .number({ error: 'must be a number of days' })
      .pipe(z.int().min(1).max(36500))
      .default(90),
  })
  .refine(isPublicUrlSafe, {
    path: ['PUBLIC_URL'],
    error: 'must be https in production, unless it is loopback',
    when: always,
  })
  .refine(value => !value.DATABASE_URL || value.SECRET_KEY, {
    path: ['SECRET_KEY'],
    error: 'is required with DATABASE_URL (`openssl rand -base64 32`)',
    when: always,
  })
  .refine(value => value.METRICS_PORT === undefined || value.METRICS_PORT !== value.PORT, {
    path: ['METRICS_PORT'],
    error: 'must be another one than PORT',
    when: always,
  })
  .refine(value => value.DATABASE_URL || value.WORKERS === undefined || value.WORKERS === 1, {
    path: ['WORKERS'],
    error: 'may be more than 1 with DATABASE_URL alone: the embedded database is of one process',
    when: always,
  })

// Rules between settings are judged even where another setting is not usable, so that every fault is told at once.
function always(): boolean {
  return true
}

function isPublicUrlSafe(value: { NODE_ENV?: string | undefined; PUBLIC_URL?: string | undefined }): boolean {
  return value.NODE_ENV !== 'production' || value.PUBLIC_URL === undefined || isTrustworthy(value.PUBLIC_URL)
}

/**
 * Whether browsers take an address for one that nobody between can have changed: https, and this machine itself (W3C Secure
 * Contexts section 3.1). At any other they keep from a page the cryptography that a sign-in to the console needs.
 */
export function isTrustworthy(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname)
}

/**
 * Parses the settings of the environment.
 *
 * An empty variable counts as one that is not set, and a secret one can be in a file (`givenSettings`). With the embedded database and no `SECRET_KEY`, the key is
 * read from `DATA_DIR/secret.key`, which is made on the first start.
 *
 * @throws OperatorError (exit code 78) that names every fault at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const { settings, faults } = givenSettings(env)
  const parsed = environment.safeParse(settings)
  const issues = parsed.error?.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`) ?? []
  // One whose file cannot be read is not missing besides.
  const own = issues.filter(issue => !faults.some(fault => fault.startsWith(`${issue.split(':')[0]}_FILE:`)))
  if (!parsed.success || faults.length > 0)
    throw new OperatorError(
      `The settings are not usable:\n${[...faults, ...own].map(fault => `  ${fault}`).join('\n')}`,
      EX_CONFIG,
    )
  const value = parsed.data
  const url = value.PUBLIC_URL ?? `http://localhost:${value.PORT}`
  const dataDir = resolve(value.DATA_DIR)
  return {
    port: value.PORT,
    host: value.HOST,
    publicUrl: url,
    apiBaseUrl: `${url}/v1/api`,
    databaseUrl: value.DATABASE_URL,
    dataDir,
    keepAliveSeconds: value.KEEP_ALIVE_SECONDS,
    drainDelaySeconds: value.DRAIN_DELAY_SECONDS,
    workers: value.WORKERS,
    databasePool: value.DATABASE_POOL,
    redis: value.REDIS_URL && { urls: value.REDIS_URL, keyPrefix: value.REDIS_KEY_PREFIX },
    rateLimits: value.RATE_LIMITS ?? undefined,
    secretKeys: value.SECRET_KEY ?? [embeddedSecretKey(dataDir)],
    bootstrapApiKey: value.BOOTSTRAP_API_KEY,
    adminEmail: value.ADMIN_EMAIL,
    adminPassword: value.ADMIN_PASSWORD,
    trustProxy: value.TRUST_PROXY,
    metricsPort: value.METRICS_PORT,
    metricsToken: value.METRICS_TOKEN,
    logLevel: value.LOG_LEVEL,
    tracing:
      value.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            url: value.OTEL_EXPORTER_OTLP_ENDPOINT,
            sampler: value.OTEL_TRACES_SAMPLER,
            ratio: value.OTEL_TRACES_SAMPLER_ARG,
          },
    retentionDays: value.RETENTION_DAYS,
    sessions: { longest: value.SESSION_HOURS * 3600, idle: value.SESSION_IDLE_HOURS * 3600 },
    organizationCreation: value.ORGANIZATION_CREATION,
    plainGrants: value.PLAIN_GRANTS === 'on',
    signingKeyDays: value.SIGNING_KEY_DAYS,
    defaultSigningAlg: value.DEFAULT_SIGNING_ALG,
    resourceServers: value.RESOURCE_SERVERS,
    privateMetadataAddresses: value.PRIVATE_METADATA_ADDRESSES === 'on',
    slowHash,
  }
}
