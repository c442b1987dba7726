import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { fromLocalInput, toLocalInput } from './local-time.ts'
import { useSettledText } from './use-settled-text.ts'

/** A filter that is typed; it counts half a second later, once it is one. */
export function TypedFilter({
  label,
  value,
  onChange,
  placeholder,
  accepts,
  type = 'text',
}: TypedFilterProps) {
  const [fault, setFault] = useState<string>()
  const [text, typeText] = useSettledText(
    value ?? '',
    typed => onChange(typed === '' ? undefined : typed),
    typed => {
      const wrong = typed === '' ? undefined : accepts?.(typed)
      setFault(wrong)
      return wrong === undefined
    },
  )
  return (
    <TextInput
      label={label}
      type={type}
      value={text}
      error={fault}
      {...(placeholder === undefined ? {} : { placeholder })}
      onChange={event => typeText(event.currentTarget.value)}
    />
  )
}

interface TypedFilterProps {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (text: string | undefined) => void
  readonly placeholder?: string
  /** Tells what is wrong with a text; undefined: nothing. */
  readonly accepts?: (text: string) => string | undefined
  readonly type?: 'text' | 'datetime-local'
}

/** A filter by an instant, where the reader is. */
export function InstantFilter({
  label,
  value,
  onChange,
}: Pick<TypedFilterProps, 'label' | 'value' | 'onChange'>) {
  return (
    <TypedFilter
      label={label}
      type="datetime-local"
      value={toLocalInput(value)}
      onChange={text => onChange(fromLocalInput(text ?? ''))}
    />
  )
}
