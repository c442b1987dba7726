import { parseArgs } from 'node:util'
import { API_KEY_PREFIX } from '../access/credentials.ts'
import { generatePassword } from '../accounts/passwords.ts'
import { SYSTEM } from '../audit/audit-trail.ts'
import { tellIds, tellMade } from '../bootstrap/welcome.ts'
import type { Deps } from '../deps.ts'
import { Problem } from '../http/problems.ts'
import { openDeps } from '../open-deps.ts'
import { generateChecksummedSecret } from '../platform/checksummed-secret.ts'
import { systemClock } from '../platform/clock.ts'
import { type Config, loadConfig } from '../platform/config.ts'
import { normalizedEmail } from '../platform/email.ts'
import { EX_USAGE, OperatorError } from '../platform/errors.ts'
import { createLogger } from '../platform/logger.ts'

/**
 * Without arguments: makes what the first start makes, without serving; `--json` tells it to a script.
 * `--reset-password EMAIL`: gives an account a new password and drops its one-time codes.
 * `--make-key`: prints an API key for `BOOTSTRAP_API_KEY`, and touches nothing.
 * @param env the settings of the server
 * @returns what is to be printed
 * @throws OperatorError when the arguments or the settings cannot be used
 */
export async function runBootstrap(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { json, resetPassword, makeKey } = parseArguments(args)
  if (makeKey) return tellKey(json)
  const config = loadConfig(env)
  const deps = await openDeps(config, systemClock, createLogger('warn'))
  try {
    return resetPassword === undefined
      ? await make(deps, config, json)
      : await reset(deps, resetPassword, json)
  } finally {
    await deps.close()
  }
}

interface Arguments {
  readonly json: boolean
  readonly resetPassword: string | undefined
  readonly makeKey: boolean
}

function parseArguments(args: readonly string[]): Arguments {
  const { json, 'reset-password': resetPassword, 'make-key': makeKey } = parsedOptions(args)
  if (makeKey && resetPassword !== undefined)
    throw new OperatorError('--make-key and --reset-password are two acts: do one at a time.', EX_USAGE)
  return { json, resetPassword, makeKey }
}

function parsedOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        'reset-password': { type: 'string' },
        'make-key': { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), EX_USAGE)
  }
}

/** A key that no database knows yet: the first start makes it the one of its project. */
function tellKey(json: boolean): string {
  const apiKey = generateChecksummedSecret(API_KEY_PREFIX)
  return json ? `${JSON.stringify({ apiKey })}\n` : `${apiKey}\n`
}

async function make(deps: Deps, config: Config, json: boolean): Promise<string> {
  const made = await deps.bootstrap.run()
  const ids = await deps.bootstrap.ids()
  if (!json) return tellMade(made, config) || tellIds(ids)
  const { first } = made
  const result = {
    created: first !== undefined,
    ...ids,
    // Told by the run that made them, and by no other.
    apiKey: first?.apiKey ?? null,
    // null as well where it is the one of ADMIN_PASSWORD.
    ownerPassword: (first?.owner ?? made.owner)?.password ?? null,
    apiBaseUrl: config.apiBaseUrl,
  }
  return `${JSON.stringify(result)}\n`
}

async function reset(deps: Deps, given: string, json: boolean): Promise<string> {
  const email = normalizedEmail(given)
  const password = generatePassword()
  try {
    await deps.users.accounts.overridePassword({ ...SYSTEM, name: 'command line' }, email, password)
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found')
      throw new OperatorError(`Nobody has an account with the email ${email}.`, EX_USAGE)
    throw error
  }
  if (json) return `${JSON.stringify({ email, password })}\n`
  return `The new password of ${email} is ${password}\nOne-time codes are no longer asked for.\n`
}
