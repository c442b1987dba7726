import { TagsInput, type TagsInputProps } from '@mantine/core'

/** A list of words: each is ended by Enter, a comma, by leaving the field or, where none has spaces, by a space. */
export function ListInput({ spaces = false, onChange, ...props }: ListInputProps) {
  const separator = spaces ? /,/ : /[,\s]/
  return (
    <TagsInput
      splitChars={spaces ? [','] : [',', ' ']}
      isDuplicate={(value, values) => values.includes(value)}
      // On leaving, what was typed comes as one word.
      onChange={values => {
        const words = values.flatMap(value => value.split(separator)).map(word => word.trim())
        onChange([...new Set(words.filter(Boolean))])
      }}
      {...props}
    />
  )
}

interface ListInputProps extends Omit<TagsInputProps, 'onChange' | 'splitChars' | 'isDuplicate'> {
  /** Whether a word can have spaces. */
  readonly spaces?: boolean
  readonly onChange: (words: string[]) => void
}
