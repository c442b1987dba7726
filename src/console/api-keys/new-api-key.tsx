import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { createApiKey } from '../api/api-keys.ts'
import { usePlace } from '../layout/where.ts'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'
import { useIdempotencyKey } from '../shared/idempotency-key.ts'
import { toLocalInput } from '../shared/local-time.ts'

/** Asks what a new key is for and how long it works. */
export function NewApiKey({ opened, onClose, ...rest }: NewApiKeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create an API key">
      <KeyForm onClose={onClose} {...rest} />
    </Modal>
  )
}

function KeyForm({ onClose, onMade, onSettled }: Omit<NewApiKeyProps, 'opened'>) {
  const place = usePlace()
  const [note, setNote] = useState('')
  const [lastDay, setLastDay] = useState('')
  const idempotencyKey = useIdempotencyKey()
  const creation = useMutation({
    mutationFn: () => {
      const key = { note: note.trim(), expiresAt: lastDay === '' ? null : endOf(lastDay) }
      return createApiKey(place, key, idempotencyKey(key))
    },
    onSuccess: onMade,
    onSettled,
  })
  const { at, rest } = faultsOf(creation.error, ['note', 'expiresAt'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        creation.mutate()
      }}
    >
      <Stack>
        <TextInput
          label="Note"
          description="Which program uses it, and where"
          value={note}
          maxLength={500}
          error={at.note}
          onChange={event => setNote(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <TextInput
          type="date"
          label="Last day"
          description="It works until the end of this day. Without one it works until it is deleted."
          value={lastDay}
          min={today()}
          error={at.expiresAt}
          onChange={event => setLastDay(event.currentTarget.value)}
        />
        {rest && <Failure error={rest} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={creation.isPending}>
            Create the key
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface NewApiKeyProps {
  readonly opened: boolean
  readonly onClose: () => void
  /** Told the key itself. */
  readonly onMade: (key: string) => void
  /** Told of each try that ended, well or not. */
  readonly onSettled: () => void
}

/** The end of a day where the reader is. @param day such as `2030-01-31` */
function endOf(day: string): string {
  return new Date(`${day}T23:59:59.999`).toISOString()
}

/** The day where the reader is, as a date field has it. */
function today(): string {
  return toLocalInput(new Date().toISOString()).slice(0, 10)
}
