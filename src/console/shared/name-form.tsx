import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Failure } from './failure.tsx'
import { faultsOf } from './faults.ts'

/** Names something, new or not. */
export function NameForm({ label, action, initial = '', naming }: NameFormProps) {
  const [name, setName] = useState(initial)
  const { at, rest } = faultsOf(naming.error, ['name'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        naming.mutate(name)
      }}
    >
      <Stack>
        <Group align="flex-end">
          <TextInput
            flex={1}
            miw={200}
            maw={420}
            label={label}
            required
            maxLength={100}
            value={name}
            error={at.name}
            onChange={event => setName(event.currentTarget.value)}
          />
          <Button
            type="submit"
            loading={naming.isPending}
            disabled={initial !== '' && name.trim() === initial}
          >
            {action}
          </Button>
        </Group>
        {rest && <Failure error={rest} />}
      </Stack>
    </form>
  )
}

interface NameFormProps {
  readonly label: string
  readonly action: string
  /** The name that it has; none: it is new. */
  readonly initial?: string
  readonly naming: {
    readonly mutate: (name: string) => void
    readonly isPending: boolean
    readonly error: Error | null
  }
}
