import { accessModule } from './access/access.module.ts'
import { accessTokensModule } from './access-tokens/access-tokens.module.ts'
import { accountsModule } from './accounts/accounts.module.ts'
import { activityModule } from './activity/activity.module.ts'
import { apiKeysModule } from './api-keys/api-keys.module.ts'
import { auditModule } from './audit/audit.module.ts'
import { bootstrapModule } from './bootstrap/bootstrap.module.ts'
import { consoleFilesModule } from './console-files/console-files.module.ts'
import { contractModule } from './contract/contract.module.ts'
import { httpModule } from './http/http.module.ts'
import { idempotencyModule } from './idempotency/idempotency.module.ts'
import { oauthModule } from './oauth/oauth.module.ts'
import { operationsModule } from './operations/operations.module.ts'
import { organizationsModule } from './organizations/organizations.module.ts'
import { passesModule } from './passes/passes.module.ts'
import type { Clock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import type { Database } from './platform/database.ts'
import type { Logger } from './platform/logger.ts'
import { platformModule } from './platform/platform.module.ts'
import { RedisConnection } from './platform/redis.ts'
import { recordModule } from './record/record.module.ts'
import { resourceServersModule } from './resource-servers/resource-servers.module.ts'
import { retentionModule } from './retention/retention.module.ts'
import { signInModule } from './sign-in/sign-in.module.ts'
import { signingKeysModule } from './signing-keys/signing-keys.module.ts'
import { usersModule } from './users/users.module.ts'

/** Everything that the server is made of: what all share, and the answer of each module by its name. */
export type Deps = Awaited<ReturnType<typeof construct>>

/**
 * Puts the modules together.
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
    return await construct({ config, clock, logger, database, redis })
  } catch (error) {
    redis?.close()
    throw error
  }
}

/** What a process is given. */
interface Given {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly database: Database
  /** Where limits are counted for all nodes; undefined: each counts in its memory. */
  readonly redis: RedisConnection | undefined
}

/** Each module takes what it needs of those before it, by its own parameters. */
async function construct(given: Given) {
  const platform = await platformModule(given)
  const base = { ...given, ...platform, ...httpModule({ ...given, ...platform }) }
  const contract = contractModule(base)
  const audit = auditModule(base)
  const record = recordModule(base)
  const idempotency = idempotencyModule(base)
  const accounts = accountsModule({ ...base, audit })
  const organizations = organizationsModule({ ...base, accounts, audit })
  const apiKeys = apiKeysModule({ ...base, audit, idempotency })
  const resourceServers = resourceServersModule({ ...base, audit, idempotency, organizations })
  const passes = passesModule({ ...base, audit, idempotency, record, resourceServers })
  const signingKeys = await signingKeysModule({ ...base, audit, organizations })
  const accessTokens = accessTokensModule({ ...base, audit, passes, signingKeys })
  const signIn = await signInModule({ ...base, accounts, signingKeys })
  const users = await usersModule({ ...base, accounts, audit, organizations, signIn })
  const access = accessModule({ ...base, ...contract, accessTokens, apiKeys, organizations, passes, signIn })
  const oauth = await oauthModule({ ...base, access, accessTokens, passes, record, signIn, signingKeys })
  const activity = activityModule({ ...base, record })
  const operations = operationsModule({ ...base, record, signingKeys })
  const consoleFiles = consoleFilesModule(base)
  const bootstrap = bootstrapModule({ ...base, accounts, apiKeys, organizations, users })
  const stored = { accessTokens, accounts, apiKeys, audit, idempotency, oauth, organizations, passes }
  const retention = retentionModule({ ...base, ...stored, record, signIn, signingKeys })
  await record.totals.start()

  return {
    ...base,
    ...{ access, accessTokens, accounts, activity, apiKeys, audit, bootstrap, consoleFiles, contract },
    ...{ idempotency, oauth, operations, organizations, passes, record, resourceServers, retention },
    ...{ signIn, signingKeys, users },
    /** Writes what is still waiting, closes the database and Redis, then sends what is left of the traces. */
    async close(): Promise<void> {
      try {
        await retention.stop()
        await Promise.all([record.recorder.drain(), signIn.trail.drain()])
        await record.totals.stop()
        await record.lease.release()
      } finally {
        base.redis?.close()
        await base.database.close()
        await base.tracing?.close()
      }
    },
  }
}
