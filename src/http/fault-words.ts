import { z } from 'zod'

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
  null: 'null',
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an email address',
  url: 'a URL',
  uuid: 'a UUID',
  guid: 'a UUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'a range of IPv4 addresses',
  cidrv6: 'a range of IPv6 addresses',
  date: 'a date, such as 2030-01-31',
  datetime: 'a time in ISO 8601, such as 2030-01-31T00:00:00Z',
  base64: 'in base64',
  base64url: 'in base64url',
}

/** What the length of each kind is counted in. */
const UNITS: Readonly<Record<string, string>> = {
  string: 'characters',
  array: 'items',
  set: 'items',
  object: 'members',
}

/**
 * What a schema that has no words of its own for a fault says of it: what the value has to be, to follow its name. It counts
 * for every schema of this process, so that none can be parsed without it.
 */
const inWords: z.core.$ZodErrorMap = issue => {
  if (issue.input === undefined) return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? 'of another kind'}`
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? 'in the form that is described for it'}`
    case 'too_small':
      return bound('least', issue.origin, Number(issue.minimum), issue.inclusive ?? true)
    case 'too_big':
      return bound('most', issue.origin, Number(issue.maximum), issue.inclusive ?? true)
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_union':
      return 'is in none of the forms that are taken'
    case 'invalid_key':
    case 'invalid_element':
      return 'has a member that is not taken'
    default:
      return 'is not taken as it is'
  }
}

function bound(which: 'least' | 'most', origin: string, limit: number, inclusive: boolean): string {
  const unit = UNITS[origin]
  if (unit !== undefined && which === 'least' && limit === 1) return 'must not be empty'
  if (unit !== undefined) return `must have ${limit} ${unit} at ${which}`
  if (!inclusive) return `must be ${which === 'least' ? 'more' : 'less'} than ${limit}`
  return `must be ${limit} at ${which}`
}

z.config({ customError: inWords })
