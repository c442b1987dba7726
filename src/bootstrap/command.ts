import { parseArgs } from 'node:util'
import { SYSTEM } from '../audit/audit-trail.ts'
import type { Deps } from '../deps.ts'
import { Problem } from '../http/problems.ts'
import { openDeps } from '../open-deps.ts'
import { systemClock } from '../platform/clock.ts'
import { type Config, loadConfig } from '../platform/config.ts'
import { normalizedEmail } from '../platform/email.ts'
import { EX_USAGE, OperatorError } from '../platform/errors.ts'
import { createLogger } from '../platform/logger.ts'
import { generatePassword } from '../users/passwords.ts'
import { tellMade } from './welcome.ts'

/**
 * `--json`: makes what the first start makes, without serving, and tells it to a script.
 * `--reset-password EMAIL`: gives an account a new password and drops its one-time codes.
 * @param env the settings of the server
 * @returns what is to be printed
 * @throws OperatorError when the arguments or the settings cannot be used
 */
export async function runBootstrap(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { json, resetPassword } = parseArguments(args)
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

function parseArguments(args: readonly string[]): { json: boolean; resetPassword: string | undefined } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, 'reset-password': { type: 'string' } },
    })
    return { json: values.json, resetPassword: values['reset-password'] }
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), EX_USAGE)
  }
}

async function make(deps: Deps, config: Config, json: boolean): Promise<string> {
  const made = await deps.bootstrap.run()
  const { first } = made
  const owner = first?.owner ?? made.owner
  if (!json) return tellMade(made, config) || 'There is an organization already; nothing was made.\n'
  const result = {
    created: first !== undefined,
    organizationId: first?.organizationId ?? null,
    projectId: first?.projectId ?? null,
    apiKey: first?.apiKey ?? null,
    ownerEmail: owner?.email ?? null,
    // null: there was an account already, or the password is the one of ADMIN_PASSWORD.
    ownerPassword: owner?.password ?? null,
    apiBaseUrl: config.apiBaseUrl,
  }
  return `${JSON.stringify(result)}\n`
}

async function reset(deps: Deps, given: string, json: boolean): Promise<string> {
  const email = normalizedEmail(given)
  const password = generatePassword()
  try {
    await deps.accounts.overridePassword({ ...SYSTEM, name: 'command line' }, email, password)
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found')
      throw new OperatorError(`Nobody has an account with the email ${email}.`, EX_USAGE)
    throw error
  }
  if (json) return `${JSON.stringify({ email, password })}\n`
  return `The new password of ${email} is ${password}\nOne-time codes are no longer asked for.\n`
}
