import type { IncomingMessage } from 'node:http'
import rawBody from 'raw-body'
import type { Context } from './context.ts'
import { hasTooManyParameters, MOST_PARAMETERS } from './parameters.ts'
import { Problem } from './problems.ts'
import { repeatedMember } from './repeated-member.ts'

const JSON_LIMIT_BYTES = 256 * 1024
/** More than any body that is taken has: what walks through it need not fear for its stack. */
const DEEPEST_JSON = 32
/** Characters of the name of a member that an error repeats. */
const NAME_SHOWN = 50
const FORM_LIMIT_BYTES = 56 * 1024

/** Bodies that were read before their requests came to whoever reads them here. */
const readBefore = new WeakMap<IncomingMessage, Buffer>()

/** Notes the body of a request whose stream has been read to its end; it has no content coding, and is within the limits. */
export function keepBody(request: IncomingMessage, body: Buffer): void {
  readBefore.set(request, body)
}

/**
 * The bytes of the body, as they are: nothing here undoes a content coding.
 * @throws Problem `unsupported_media_type` for a coding, `body_too_large`, or `malformed_body` when it ends early
 */
async function readBody(ctx: Pick<Context, 'req' | 'request'>, limit: number): Promise<Buffer> {
  const before = readBefore.get(ctx.req)
  if (before) return before
  const coding = ctx.req.headers['content-encoding'] || 'identity'
  if (coding.toLowerCase() !== 'identity')
    throw new Problem('unsupported_media_type', 'Send the body without a Content-Encoding.')
  try {
    return await rawBody(ctx.req, { limit, length: ctx.request.length ?? null })
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'entity.too.large')
      throw new Problem('body_too_large', `The body may have ${limit} bytes at most.`)
    throw bodyEndedEarly()
  }
}

/** The answer to a body that broke off. */
export function bodyEndedEarly(): Problem {
  return new Problem('malformed_body', 'The body ended before it was complete.')
}

/**
 * The bytes of a form, whole.
 * @throws Problem as `readBody`, and `malformed_body` where it has more parameters than would be read
 */
export async function readForm(ctx: Pick<Context, 'req' | 'request'>): Promise<Buffer> {
  const form = await readBody(ctx, FORM_LIMIT_BYTES)
  if (hasTooManyParameters(form.toString('latin1')))
    throw new Problem('malformed_body', `The form may have ${MOST_PARAMETERS} parameters at most.`)
  return form
}

/**
 * The JSON body, undefined when there is none.
 * @throws Problem `unsupported_media_type`, `malformed_body` or `body_too_large`
 */
export async function readJson(ctx: Context): Promise<unknown> {
  const bytes = await readBody(ctx, JSON_LIMIT_BYTES)
  if (bytes.length === 0) return undefined
  if (!ctx.is('json', '+json'))
    throw new Problem('unsupported_media_type', 'Send the body as JSON with Content-Type: application/json.')
  const json = bytes.toString('utf8')
  const body = parsed(json)
  const repeated = repeatedMember(json)
  if (repeated !== undefined)
    throw new Problem(
      'malformed_body',
      `An object of the body has "${repeated.slice(0, NAME_SHOWN)}" twice. Send it once.`,
    )
  if (isDeeperThan(DEEPEST_JSON, body))
    throw new Problem('malformed_body', `The body is nested more than ${DEEPEST_JSON} levels deep.`)
  return body
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Problem(
      'malformed_body',
      `The body is not JSON: ${error instanceof Error ? error.message : error}`,
    )
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(member => isDeeperThan(levels - 1, member))
}
