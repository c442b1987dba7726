import { Text } from '@mantine/core'

const DATE_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** An instant in the reader's time zone, with UTC on hover. @param at ISO 8601; null shows `none` */
export function When({ at, none = 'never', date = false }: WhenProps) {
  if (at === null)
    return (
      <Text span inherit>
        {none}
      </Text>
    )
  const instant = new Date(at)
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace('Z', '')} UTC`}>
      {(date ? DATE : DATE_AND_TIME).format(instant)}
    </time>
  )
}

interface WhenProps {
  readonly at: string | null
  readonly none?: string
  /** The day alone. */
  readonly date?: boolean
}
