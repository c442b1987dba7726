import type Provider from 'oidc-provider'
import { Authenticator } from './access/authenticate.ts'
import { type Authorize, createAuthorize } from './access/authorize.ts'
import { AccessTokens } from './access-tokens/access-tokens.ts'
import { JwtAccessTokens } from './access-tokens/jwt-access-tokens.ts'
import { LiveTokenStore } from './access-tokens/live-token.store.ts'
import { PassTokenService } from './access-tokens/pass-token.service.ts'
import { SealedTokens } from './access-tokens/sealed-token.ts'
import { SignedTokens } from './access-tokens/signed-token.ts'
import { TokenStore } from './access-tokens/token.store.ts'
import { Passwords } from './accounts/passwords.ts'
import { UserStore } from './accounts/user.store.ts'
import { UserAudit } from './accounts/user-audit.ts'
import { ActivityService } from './activity/activity.service.ts'
import { ActivityStore } from './activity/activity.store.ts'
import { MetricsService } from './activity/metrics.service.ts'
import { MetricsStore } from './activity/metrics.store.ts'
import { ApiKeyService } from './api-keys/api-key.service.ts'
import { ApiKeyStore } from './api-keys/api-key.store.ts'
import { AuditStore } from './audit/audit.store.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import { Bootstrap } from './bootstrap/bootstrap.ts'
import { FirstOwners } from './bootstrap/first-owner.ts'
import { OPERATIONS } from './contract/operations.ts'
import { RateLimiting } from './http/rate-limiting.ts'
import { ReadGate } from './http/read-gate.ts'
import { Idempotency } from './idempotency/idempotency.service.ts'
import { IdempotencyKeyStore } from './idempotency/idempotency-key.store.ts'
import { ClientStore } from './oauth/client.store.ts'
import { Clients } from './oauth/clients.ts'
import { createArtifacts } from './oauth/library/artifacts.ts'
import { createProvider } from './oauth/library/provider.ts'
import { PlainGrants } from './oauth/plain-grant.ts'
import { PlainIntrospections } from './oauth/plain-introspection.ts'
import { ReplayStore } from './oauth/replay.store.ts'
import { addGauges } from './operations/gauges.ts'
import { InvitationStore } from './organizations/invitation.store.ts'
import { MemberService } from './organizations/member.service.ts'
import { MemberStore } from './organizations/member.store.ts'
import { OrganizationService } from './organizations/organization.service.ts'
import { OrganizationStore } from './organizations/organization.store.ts'
import { PassService } from './passes/pass.service.ts'
import { PassStore } from './passes/pass.store.ts'
import { PassChanges } from './passes/pass-change.ts'
import { PassSecretService } from './passes/pass-secret.service.ts'
import { PassSecrets } from './passes/pass-secret.ts'
import { PassUpdateService } from './passes/pass-update.service.ts'
import type { Clock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import type { Database } from './platform/database.ts'
import type { Logger } from './platform/logger.ts'
import { ServerMetrics } from './platform/metrics.ts'
import { RateLimiter } from './platform/rate-limiter.ts'
import { RedisConnection } from './platform/redis.ts'
import { SecretKeys } from './platform/secret-keys.ts'
import { SlowHash } from './platform/slow-hash.ts'
import type { Tracing } from './platform/tracing.ts'
import type { TracingSettings } from './platform/tracing-settings.ts'
import { NodeLease } from './record/node-lease.ts'
import { Partitions } from './record/partitions.ts'
import { RecordBatch } from './record/record-batch.ts'
import { Recorder } from './record/recorder.ts'
import { RefusalWindowStore } from './record/refusal-window.store.ts'
import { TotalsWriter } from './record/totals-writer.ts'
import { MetadataReader } from './resource-servers/metadata-reader.ts'
import { ResourceServerProvisioning } from './resource-servers/provisioning.ts'
import { ResourceServerService } from './resource-servers/resource-server.service.ts'
import { ResourceServerStore } from './resource-servers/resource-server.store.ts'
import { choresOf } from './retention/chores.ts'
import { Retention } from './retention/retention.ts'
import { RetentionRunStore } from './retention/retention-run.store.ts'
import { KnownBrowsers } from './sign-in/known-browsers.ts'
import { SessionArtifactStore } from './sign-in/session-artifact.store.ts'
import { ATTEMPTS_PER_ADDRESS, SignInService } from './sign-in/sign-in.service.ts'
import { SignInAttemptsStore } from './sign-in/sign-in-attempts.store.ts'
import { createSignInProvider } from './sign-in/sign-in-provider.ts'
import { SignInTrail } from './sign-in/sign-in-trail.ts'
import { UserSessionStore } from './sign-in/user-session.store.ts'
import { UserTokenStore } from './sign-in/user-token.store.ts'
import { SigningKeyStore } from './signing-keys/signing-key.store.ts'
import { AccountService } from './users/account.service.ts'
import { InvitationService } from './users/invitation.service.ts'

const READS_WAITING = 32

/** Everything that the server is made of. */
export interface Deps {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServerMetrics
  /** Undefined: requests have no traces. */
  readonly tracing: Tracing | undefined
  readonly database: Database
  /** Where limits are counted for all nodes; undefined: each counts in its memory. */
  readonly redis: RedisConnection | undefined
  /** Undefined: nothing is limited. */
  readonly limits: RateLimiting | undefined
  readonly bootstrap: Bootstrap
  readonly recorder: Recorder
  readonly totals: TotalsWriter
  readonly tokens: TokenStore
  readonly signingKeys: SigningKeyStore
  readonly provider: Provider
  readonly clients: Clients
  readonly plainGrants: PlainGrants | undefined
  readonly plainIntrospections: PlainIntrospections | undefined
  /** The same library, set up for people who sign in. */
  readonly signInProvider: Provider
  readonly passwords: Passwords
  readonly signIn: SignInService
  readonly signInTrail: SignInTrail
  readonly browsers: KnownBrowsers
  readonly sessions: UserSessionStore
  readonly accounts: AccountService
  readonly members: MemberService
  readonly invitations: InvitationService
  readonly authenticator: Authenticator
  readonly authorize: Authorize
  readonly organizations: OrganizationService
  readonly organizationStore: OrganizationStore
  readonly apiKeys: ApiKeyService
  readonly audit: AuditTrail
  readonly auditStore: AuditStore
  readonly passes: PassService
  readonly passUpdates: PassUpdateService
  readonly passSecrets: PassSecretService
  readonly passTokens: PassTokenService
  readonly resourceServers: ResourceServerService
  readonly resourceServerStore: ResourceServerStore
  readonly provisioning: ResourceServerProvisioning
  readonly idempotency: Idempotency
  readonly activity: ActivityService
  readonly activityMetrics: MetricsService
  /** What costly reads share. */
  readonly reads: ReadGate
  readonly retention: Retention
  /** Writes what is still waiting, closes the database and Redis, then sends what is left of the traces. */
  close(): Promise<void>
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
  const redis = config.redis && (await RedisConnection.open(config.redis, logger))
  try {
    return await construct(config, clock, logger, database, redis)
  } catch (error) {
    redis?.close()
    throw error
  }
}

async function construct(
  config: Config,
  clock: Clock,
  logger: Logger,
  database: Database,
  redis: RedisConnection | undefined,
): Promise<Deps> {
  const metrics = new ServerMetrics()
  const tracing = config.tracing && (await loadTracing(config.tracing, config.publicUrl, logger))
  const keys = new SecretKeys(config.secretKeys)
  const audit = new AuditTrail(database, clock)

  const limits = config.rateLimits && new RateLimiting(config.rateLimits, redis)
  const lease = new NodeLease(database)
  const partitions = new Partitions(database, logger, () => metrics.partitionFaults.inc())
  const totals = new TotalsWriter(database, lease, clock, logger)
  const recorder = new Recorder(
    clock,
    new RecordBatch(database),
    lease,
    totals,
    partitions,
    (acts, seconds) => {
      metrics.batchActs.observe(acts)
      metrics.batchSeconds.observe(seconds)
    },
  )

  const organizationStore = new OrganizationStore(database)
  const slowHash = new SlowHash(config.slowHash, seconds => metrics.slowHashSeconds.observe(seconds))
  const passwords = new Passwords(slowHash)
  const users = new UserStore(database)
  const sessions = new UserSessionStore(database, clock, config.sessions)
  const userAudit = new UserAudit(audit)
  const signInTrail = new SignInTrail(database, users, userAudit, logger)
  const signInAttempts = new SignInAttemptsStore(database)
  const signInAddresses = new RateLimiter('sign_ins', ATTEMPTS_PER_ADDRESS, redis)
  const browsers = new KnownBrowsers(keys, clock)
  const signIn = new SignInService(
    users,
    signInAttempts,
    passwords,
    keys,
    clock,
    signInTrail,
    signInAddresses,
    browsers,
  )
  const memberStore = new MemberStore(database)
  const accounts = new AccountService(
    database,
    users,
    memberStore,
    sessions,
    signIn,
    passwords,
    userAudit,
    keys,
    clock,
  )
  const invitationStore = new InvitationStore(database)
  const { apiBaseUrl, publicUrl } = config
  const members = new MemberService(
    database,
    memberStore,
    invitationStore,
    audit,
    userAudit,
    keys,
    clock,
    publicUrl,
  )
  const invitations = new InvitationService({
    ...{ database, store: invitationStore, members, memberStore, organizations: organizationStore, users },
    ...{ accounts, signIn, passwords, audit, userAudit, keys, clock, publicUrl },
  })
  const idempotencyKeys = new IdempotencyKeyStore(database)

  const organizations = new OrganizationService(
    database,
    organizationStore,
    audit,
    members,
    memberStore,
    users,
    clock,
  )
  const apiKeyStore = new ApiKeyStore(database)
  const apiKeys = new ApiKeyService(database, apiKeyStore, audit, keys, clock)
  const clientStore = new ClientStore(database, apiBaseUrl)
  const secrets = new PassSecrets(keys, slowHash, (id, digest) => clientStore.renewDigest(id, digest))
  const passStore = new PassStore(database, clock, () => totals.flush())
  const metadata = new MetadataReader(publicUrl, config.privateMetadataAddresses)
  const resourceServerStore = new ResourceServerStore(database)
  const resourceServers = new ResourceServerService(
    database,
    resourceServerStore,
    organizationStore,
    audit,
    metadata,
    clock,
    apiBaseUrl,
  )
  const provisioning = new ResourceServerProvisioning(
    database,
    resourceServerStore,
    resourceServers,
    clock,
    config.resourceServers,
  )
  const passChanges = new PassChanges(database, passStore, audit, clock)
  const passes = new PassService(
    database,
    passStore,
    secrets,
    resourceServers,
    passChanges,
    clock,
    apiBaseUrl,
  )

  const liveTokens = new LiveTokenStore(database, clock, apiBaseUrl)
  const clients = new Clients(clientStore)
  const signingKeys = new SigningKeyStore(database, keys, clock, config.signingKeyDays)
  await signingKeys.reseal()
  await accounts.reseal()
  await totals.start()
  await signingKeys.prepare()
  const jwts = new JwtAccessTokens(publicUrl, apiBaseUrl, config.defaultSigningAlg, alg =>
    signingKeys.signer(alg),
  )
  const sealed = new SealedTokens(config.secretKeys)
  const accessTokens = new AccessTokens(
    sealed,
    new SignedTokens(publicUrl, kid => signingKeys.verifier(kid)),
    jwts,
    () => clock.now(),
  )
  const tokens = new TokenStore(database, clock, value => accessTokens.open(value), apiBaseUrl)
  const privateKeys = await signingKeys.privateKeys('EdDSA')
  const replays = new ReplayStore(database, clock)
  const sessionArtifacts = new SessionArtifactStore(database, clock)
  const provider = createProvider({
    issuer: publicUrl,
    apiBaseUrl,
    signingKeys: privateKeys,
    artifacts: createArtifacts(tokens, recorder, accessTokens, clock),
    clients,
    secrets,
    replays,
    limits,
    clock,
  })
  addGauges(metrics, { database, recorder, partitions, signingKeys, slowHash, clock })
  const signInProvider = createSignInProvider({
    issuer: publicUrl,
    signingKeys: privateKeys,
    cookieKeys: keys.digests('cookies'),
    artifacts: sessionArtifacts,
    sessions,
    sessionLimits: config.sessions,
    users,
  })
  const authenticator = new Authenticator(apiKeys, tokens, new UserTokenStore(database, clock), apiBaseUrl)

  const refusals = new RefusalWindowStore(database)
  const chores = choresOf(
    {
      ...{ apiKeyStore, audit, idempotencyKeys, lease, invitationStore, organizationStore, partitions },
      ...{
        passStore,
        refusals,
        replays,
        sessionArtifacts,
        sessions,
        signInAttempts,
        signingKeys,
        tokens,
        users,
      },
    },
    config.retentionDays,
  )
  const retention = new Retention(new RetentionRunStore(database), chores, clock, logger, () =>
    metrics.retentionFaults.inc(),
  )

  return {
    config,
    clock,
    logger,
    metrics,
    tracing,
    database,
    redis,
    limits,
    bootstrap: new Bootstrap(
      database,
      organizations,
      organizationStore,
      apiKeys,
      users,
      new FirstOwners(accounts, members, passwords, config),
      config,
    ),
    recorder,
    totals,
    tokens,
    signingKeys,
    provider,
    clients,
    plainGrants: config.plainGrants
      ? new PlainGrants(clients, secrets, recorder, accessTokens, clock, limits)
      : undefined,
    plainIntrospections: config.plainGrants
      ? new PlainIntrospections({
          ...{ clients, secrets, recorder, sealed, clock, limits, issuer: publicUrl, apiBaseUrl },
          copyOf: async id => (clients.cached(id) ?? (await clients.fresh(provider, id)))?.snapshot,
          renew: id => clients.fresh(provider, id),
        })
      : undefined,
    signInProvider,
    passwords,
    signIn,
    signInTrail,
    browsers,
    sessions,
    accounts,
    members,
    invitations,
    authenticator,
    authorize: createAuthorize(
      authenticator,
      organizationStore,
      limits,
      route => OPERATIONS[route]?.query !== undefined,
      route => OPERATIONS[route]?.headers?.includes('If-Match') ?? false,
      database,
      clock,
      config.organizationCreation,
    ),
    organizations,
    organizationStore,
    apiKeys,
    audit,
    auditStore: new AuditStore(database),
    passes,
    passUpdates: new PassUpdateService(passes, passStore, resourceServers, passChanges, clock),
    passSecrets: new PassSecretService(passes, passStore, secrets, passChanges, clock),
    resourceServers,
    resourceServerStore,
    provisioning,
    passTokens: new PassTokenService(database, passStore, liveTokens, audit),
    idempotency: new Idempotency(idempotencyKeys, keys, clock),
    activity: new ActivityService(new ActivityStore(database), clock, config.retentionDays),
    activityMetrics: new MetricsService(new MetricsStore(database), clock, config.retentionDays, () =>
      totals.flush(),
    ),
    reads: new ReadGate(database.readsAtOnce, READS_WAITING),
    retention,
    async close() {
      try {
        await retention.stop()
        await Promise.all([recorder.drain(), signInTrail.drain()])
        await totals.stop()
        await lease.release()
      } finally {
        redis?.close()
        await database.close()
        await tracing?.close()
      }
    },
  }
}

async function loadTracing(settings: TracingSettings, publicUrl: string, logger: Logger): Promise<Tracing> {
  const { openTracing } = await import('./platform/open-telemetry.ts')
  return openTracing(settings, new URL(publicUrl).protocol.replace(':', ''), logger)
}
