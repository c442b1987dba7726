import { Text } from '@mantine/core'

const FORMATS = {
  instant: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
  date: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }),
  time: new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }),
  hour: new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }),
}

/** An instant in the reader's time zone, with UTC on hover. @param at ISO 8601; null shows `none` */
export function When({ at, none = 'never', as = 'instant' }: WhenProps) {
  if (at === null)
    return (
      <Text span inherit>
        {none}
      </Text>
    )
  return (
    <time dateTime={at} title={inUtc(at)}>
      {FORMATS[as].format(new Date(at))}
    </time>
  )
}

/** @param at ISO 8601 in UTC */
export function inUtc(at: string): string {
  return at.replace('T', ' ').replace(/(\.000)?Z$/, ' UTC')
}

interface WhenProps {
  readonly at: string | null
  readonly none?: string
  /** What of it is shown. */
  readonly as?: keyof typeof FORMATS
}
