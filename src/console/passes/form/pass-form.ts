import { createFormContext, type FormErrors } from '@mantine/form'
import { ApiProblem } from '../../api/client.ts'
import type { PassAttributes, PassFields } from '../../api/passes.ts'
import { fromLocalInput, toLocalInput } from '../../shared/local-time.ts'
import { type AccessLevels, inWords } from '../access-levels.ts'

/** What is typed and chosen; what is empty is left to the server's default. */
export interface PassValues
  extends Pick<PassAttributes, 'accessLevel' | 'usageType' | 'credentialType' | 'tokenFormat'> {
  readonly title: string
  readonly agentType: string
  readonly description: string
  readonly passId: string
  readonly organization: string
  readonly tags: string[]
  readonly integrationNotes: string
  /** In the reader's time zone, as the browser's own fields have it. */
  readonly validFrom: string
  readonly validUntil: string
  readonly neverExpires: boolean
  readonly permissions: string[]
  readonly scopes: string[]
  readonly tokenTtl: number | string
  readonly resources: string[]
  readonly allowedIps: string[]
  readonly allowedReferers: string[]
  readonly jwks: string
  readonly entityType: string
  readonly entityId: string
}

export const [PassFormProvider, usePassFormContext, usePassForm] = createFormContext<PassValues>()
export type PassForm = ReturnType<typeof usePassForm>

export const IDENTITY_FIELDS = ['title', 'agentType', 'description'] as const satisfies (keyof PassValues)[]
export const ADVANCED_FIELDS = [
  'tokenFormat',
  'tokenTtl',
  'resources',
  'allowedIps',
  'allowedReferers',
  'jwks',
  'entityType',
  'entityId',
  'integrationNotes',
] as const satisfies (keyof PassValues)[]

/** The form as it is opened. */
export function initialValues(now: Date): PassValues {
  const validFrom = toLocalInput(now.toISOString())
  return {
    title: '',
    agentType: '',
    description: '',
    passId: '',
    accessLevel: 'standard',
    organization: '',
    usageType: 'automation_tool',
    credentialType: 'api_key',
    tags: [],
    integrationNotes: '',
    validFrom,
    validUntil: oneYearAfter(validFrom),
    neverExpires: false,
    permissions: ['read', 'write'],
    scopes: [],
    tokenFormat: 'opaque',
    tokenTtl: '',
    resources: [],
    allowedIps: [],
    allowedReferers: [],
    jwks: '',
    entityType: '',
    entityId: '',
  }
}

/** What is sent: what was given; what is undefined stays out of it, and is the server's default. */
export function fieldsOf(values: PassValues, initial: PassValues): PassFields {
  const { neverExpires, tokenTtl, jwks } = values
  const moved = (name: 'validFrom' | 'validUntil') =>
    values[name] === initial[name] ? undefined : fromLocalInput(values[name])
  return {
    title: values.title.trim(),
    agentType: values.agentType,
    description: given(values.description),
    passId: given(values.passId),
    accessLevel: values.accessLevel,
    organization: given(values.organization),
    usageType: values.usageType,
    credentialType: values.credentialType,
    tags: some(values.tags),
    validFrom: moved('validFrom'),
    validUntil: neverExpires ? null : moved('validUntil'),
    permissions: values.permissions,
    scopes: some(values.scopes),
    tokenFormat: values.tokenFormat,
    tokenTtl: typeof tokenTtl === 'number' ? tokenTtl : undefined,
    resources: some(values.resources),
    allowedIps: some(values.allowedIps),
    allowedReferers: some(values.allowedReferers),
    jwks: jwks.trim() ? JSON.parse(jwks) : undefined,
    entityType: given(values.entityType),
    entityId: given(values.entityId),
    integrationNotes: given(values.integrationNotes),
  }
}

const notEmpty = (value: string) => (value.trim() === '' ? 'It must not be empty.' : null)

/** Fields that the server fills in for a new pass, and that a pass then always has. */
export const NOT_EMPTY = {
  passId: (value: string) => notEmpty(value) ?? faultOfPassId(value),
  organization: notEmpty,
  entityType: notEmpty,
  entityId: notEmpty,
}

const given = (text: string) => text.trim() || undefined
const some = (list: string[]) => (list.length > 0 ? list : undefined)

/** A year later by the calendar, both as `datetime-local` has them; nothing for what is no time. */
export function oneYearAfter(local: string): string {
  const end = new Date(local)
  if (Number.isNaN(end.getTime())) return ''
  end.setFullYear(end.getFullYear() + 1)
  return toLocalInput(end.toISOString())
}

/** A year from when it begins, and not before a year from now, as the server has it. */
export function defaultEnd(validFrom: string, now: Date): string {
  const today = toLocalInput(now.toISOString())
  return oneYearAfter(validFrom > today ? validFrom : today)
}

/** `Sourcing Agent` becomes `sourcing_agent`. @param typing what stands at the end may be about to go on */
export function agentTypeOf(text: string, typing = false): string {
  const formatted = text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, '_')
    .replace(/^_+/, '')
  return typing ? formatted : formatted.replace(/_+$/, '')
}

/** What can be told before anything is sent; the server judges all of it. @param ownScopes whether the person may grant this server's own */
export function rulesFor(ownScopes: boolean, levels: AccessLevels) {
  const grantable = (values: string[]) => {
    const own = ownScopes ? [] : values.filter(isOwnScope)
    return own.length > 0 ? `It takes an admin to grant ${own.join(', ')}.` : null
  }
  return {
    title: (value: string) => {
      if (value.trim() === '') return 'Give the agent a name.'
      if (/^[\p{L}\p{M}\p{Nd} ]+$/u.test(value.trim())) return null
      const like = value
        .split(/[^\p{L}\p{M}\p{Nd}]+/u)
        .filter(Boolean)
        .join(' ')
      return `Use letters, digits and spaces only${like === '' ? '' : `, such as “${like}”`}.`
    },
    agentType: (value: string) => (agentTypeOf(value) === '' ? 'Give the type a letter or a digit.' : null),
    passId: (value: string) => (value === '' ? null : faultOfPassId(value)),
    validFrom: (value: string) => (fromLocalInput(value) ? null : 'Choose when it begins.'),
    validUntil: (value: string, { neverExpires, validFrom }: PassValues) => {
      if (neverExpires) return null
      if (!fromLocalInput(value)) return 'Choose an end, or let it never expire.'
      return value > validFrom ? null : 'The end has to come after the beginning.'
    },
    permissions: grantable,
    scopes: grantable,
    tokenTtl: (value: number | string, { accessLevel }: PassValues) => {
      const longest = levels[accessLevel].maxTokenTtlSeconds
      return typeof value === 'number' && value > longest
        ? `The access level allows ${longest} seconds (${inWords(longest)}) at most.`
        : null
    },
    jwks: faultOfKeys,
  }
}

function faultOfPassId(value: string): string | null {
  return /^SP-\d{4}-[A-Z0-9]{6}$/.test(value) ? null : 'It has to look like SP-2030-A1B2C3.'
}

/** `passes:*` and `activity:*`, which open this server's own API. */
function isOwnScope(scope: string): boolean {
  return scope.startsWith('passes:') || scope.startsWith('activity:')
}

function faultOfKeys(text: string): string | null {
  if (text.trim() === '') return null
  try {
    const value: unknown = JSON.parse(text)
    const isSet = typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
    return isSet ? null : 'It has to be a JWK set: {"keys": [ … ]}.'
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : error}`
  }
}

/** What the server found wrong, by the fields of the form; undefined when some of it is no field's. */
export function faultsByField(error: Error | null, values: object): FormErrors | undefined {
  if (!(error instanceof ApiProblem) || error.faults.length === 0) return undefined
  const found: Record<string, string> = {}
  for (const { pointer = '', detail } of error.faults) {
    const [, , field = '', index] = pointer.split('/')
    if (!Object.hasOwn(values, field)) return undefined
    const list: unknown = Object.entries(values).find(([name]) => name === field)?.[1]
    const item = Array.isArray(list) && index !== undefined ? `“${list[Number(index)]}”` : 'It'
    found[field] = [found[field], `${item} ${detail}.`].filter(Boolean).join(' ')
  }
  return found
}
