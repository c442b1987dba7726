import type Provider from 'oidc-provider'
import { Authenticator } from './access/authenticate.ts'
import { type Authorize, createAuthorize } from './access/authorize.ts'
import { ActivityService } from './activity/activity.service.ts'
import { ActivityStore } from './activity/activity.store.ts'
import { MetricsService } from './activity/metrics.service.ts'
import { MetricsStore } from './activity/metrics.store.ts'
import { NodeLease } from './activity/node-lease.ts'
import { Partitions } from './activity/partitions.ts'
import { RecordBatch } from './activity/record-batch.ts'
import { Recorder } from './activity/recorder.ts'
import { RefusalWindowStore } from './activity/refusal-window.store.ts'
import { ApiKeyService } from './api-keys/api-key.service.ts'
import { ApiKeyStore } from './api-keys/api-key.store.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import { Bootstrap } from './bootstrap/bootstrap.ts'
import { entities } from './entities.ts'
import { Idempotency } from './idempotency/idempotency.service.ts'
import { IdempotencyKeyStore } from './idempotency/idempotency-key.store.ts'
import { OrganizationService } from './organizations/organization.service.ts'
import { OrganizationStore } from './organizations/organization.store.ts'
import { PassService } from './passes/pass.service.ts'
import { PassStore } from './passes/pass.store.ts'
import { PassSecrets } from './passes/pass-secret.ts'
import type { Clock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import { Database } from './platform/database.ts'
import type { Logger } from './platform/logger.ts'
import { ServerMetrics } from './platform/metrics.ts'
import { SecretKeys } from './platform/secret-keys.ts'
import { SlowHash } from './platform/slow-hash.ts'
import { type Chore, Retention } from './retention/retention.ts'
import { RetentionRunStore } from './retention/retention-run.store.ts'
import { createArtifacts } from './tokens/artifacts.ts'
import { ClientStore } from './tokens/client.store.ts'
import { Clients } from './tokens/clients.ts'
import { PlainGrants } from './tokens/plain-grant.ts'
import { createProvider } from './tokens/provider.ts'
import { SigningKeyStore } from './tokens/signing-key.store.ts'
import { TokenStore } from './tokens/token.store.ts'

const DAY_MS = 86_400_000

/** Everything that the server is made of. */
export interface Deps {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServerMetrics
  readonly database: Database
  readonly bootstrap: Bootstrap
  readonly recorder: Recorder
  readonly tokens: TokenStore
  readonly provider: Provider
  readonly plainGrants: PlainGrants | undefined
  readonly authenticator: Authenticator
  readonly authorize: Authorize
  readonly organizations: OrganizationService
  readonly apiKeys: ApiKeyService
  readonly audit: AuditTrail
  readonly passes: PassService
  readonly idempotency: Idempotency
  readonly activity: ActivityService
  readonly activityMetrics: MetricsService
  readonly retention: Retention
  /** Writes what is still waiting, then closes the database. */
  close(): Promise<void>
}

/** Opens the database of the settings and brings its schema up to date. */
export async function openDatabase(config: Config, logger: Logger): Promise<Database> {
  const { databaseUrl, dataDir } = config
  const database = await Database.open(
    databaseUrl === undefined ? { dataDir } : { url: databaseUrl },
    entities,
    logger,
  )
  try {
    await database.migrate()
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

/**
 * The one place where things are constructed.
 * @param database an open one with its schema in place; `close` of what is returned closes it
 */
export async function createDeps(
  config: Config,
  clock: Clock,
  logger: Logger,
  database: Database,
): Promise<Deps> {
  const metrics = new ServerMetrics()
  const keys = new SecretKeys(config.secretKeys)
  const audit = new AuditTrail(database, clock)

  const lease = new NodeLease(database)
  const partitions = new Partitions(database, logger)
  const recorder = new Recorder(clock, new RecordBatch(database), lease, partitions, (acts, seconds) => {
    metrics.batchActs.observe(acts)
    metrics.batchSeconds.observe(seconds)
  })

  const organizationStore = new OrganizationStore(database)
  const organizations = new OrganizationService(database, organizationStore, audit, clock)
  const apiKeys = new ApiKeyService(database, new ApiKeyStore(database), audit, keys, clock)
  const secrets = new PassSecrets(keys, new SlowHash(config.slowHash))
  const passStore = new PassStore(database, clock)
  const passes = new PassService(database, passStore, secrets, audit, clock, config.apiBaseUrl)

  const idempotencyKeys = new IdempotencyKeyStore(database)

  const tokens = new TokenStore(database, clock)
  const clients = new Clients(new ClientStore(database))
  const provider = createProvider({
    issuer: config.publicUrl,
    apiBaseUrl: config.apiBaseUrl,
    signingKeys: await new SigningKeyStore(database, keys, clock).loadOrCreate(),
    cookieKey: keys.digest('cookies'),
    artifacts: createArtifacts(tokens, recorder, clock),
    clients,
    secrets,
    clock,
  })
  const authenticator = new Authenticator(apiKeys, tokens, config.apiBaseUrl)

  const refusals = new RefusalWindowStore(database)
  const kept = (now: Date) => new Date(now.getTime() - config.retentionDays * DAY_MS)
  const chores: Chore[] = [
    { name: 'activity', sweep: (now, limit) => partitions.dropBefore(kept(now), limit) },
    { name: 'tombstones', sweep: (now, limit) => passStore.deleteTombstones(kept(now), limit) },
    { name: 'tokens', sweep: (now, limit) => tokens.deleteEnded(now, limit) },
    { name: 'idempotent_answers', sweep: (now, limit) => idempotencyKeys.forgetAnswers(now, limit) },
    { name: 'idempotency_keys', sweep: (now, limit) => idempotencyKeys.deleteExpired(now, limit) },
    { name: 'refusal_windows', sweep: (now, limit) => refusals.deleteOver(now, limit) },
    { name: 'nodes', sweep: (_now, limit) => lease.deleteUnused(limit) },
  ]
  const retention = new Retention(new RetentionRunStore(database), chores, clock, logger)

  return {
    config,
    clock,
    logger,
    metrics,
    database,
    bootstrap: new Bootstrap(database, organizations, organizationStore, apiKeys, config),
    recorder,
    tokens,
    provider,
    plainGrants: config.plainGrants ? new PlainGrants(clients, secrets, recorder, clock) : undefined,
    authenticator,
    authorize: createAuthorize(authenticator),
    organizations,
    apiKeys,
    audit,
    passes,
    idempotency: new Idempotency(idempotencyKeys, keys, clock),
    activity: new ActivityService(new ActivityStore(database), clock, config.retentionDays),
    activityMetrics: new MetricsService(new MetricsStore(database), clock),
    retention,
    async close() {
      try {
        await retention.stop()
        await recorder.drain()
        await lease.release()
      } finally {
        await database.close()
      }
    },
  }
}

/** Opens the database of the settings and constructs everything on it; nothing stays open when that fails. */
export async function openDeps(config: Config, clock: Clock, logger: Logger): Promise<Deps> {
  const database = await openDatabase(config, logger)
  try {
    return await createDeps(config, clock, logger, database)
  } catch (error) {
    await database.close()
    throw error
  }
}
