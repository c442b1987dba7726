import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { KeyFields, KeyRole } from '../api/api-keys.ts'
import { ROLE_NOTES, roleTitle } from '../people/roles.ts'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'
import { toLocalInput } from '../shared/local-time.ts'

/** From least to most. */
const ROLES = ['VIEWER', 'MEMBER', 'ADMIN'] as const satisfies readonly KeyRole[]

/** What a key is for, how long it works and, of an organization's new one, what it may do. */
export function KeyForm<Answer>({
  before,
  asksRole,
  action,
  submit,
  onDone,
  onSettled,
  onClose,
}: KeyFormProps<Answer>) {
  const [note, setNote] = useState(before?.note ?? '')
  const dayBefore = lastDayOf(before?.expiresAt ?? null)
  const [lastDay, setLastDay] = useState(dayBefore)
  const [role, setRole] = useState<KeyRole>('VIEWER')
  const sending = useMutation({
    mutationFn: () =>
      submit({
        note: note.trim(),
        // A day that stays as it was is the instant that it was.
        expiresAt: lastDay === dayBefore ? (before?.expiresAt ?? null) : endOf(lastDay),
        ...(asksRole ? { role } : {}),
      }),
    onSuccess: onDone,
    onSettled,
  })
  const { at, rest } = faultsOf(sending.error, ['note', 'expiresAt', 'role'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        sending.mutate()
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
        {asksRole && (
          <Select
            label="Role"
            description={`A ${roleTitle(role).toLowerCase()} ${ROLE_NOTES[role]}.`}
            data={ROLES.map(value => ({ value, label: roleTitle(value) }))}
            value={role}
            allowDeselect={false}
            error={at.role}
            onChange={value => setRole(ROLES.find(one => one === value) ?? role)}
          />
        )}
        <TextInput
          type="date"
          label="Last day"
          description="It works until the end of this day. Without one it works until it is deleted."
          value={lastDay}
          min={lastDayOf(new Date().toISOString())}
          error={at.expiresAt}
          onChange={event => setLastDay(event.currentTarget.value)}
        />
        {rest && <Failure error={rest} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={sending.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface KeyFormProps<Answer> {
  /** The key as it is; undefined: it is a new one. */
  readonly before?: Pick<KeyFields, 'note' | 'expiresAt'>
  readonly asksRole: boolean
  /** What the button says. */
  readonly action: string
  readonly submit: (fields: KeyFields) => Promise<Answer>
  readonly onDone: (answer: Answer) => void
  /** Told of each try that ended, well or not. */
  readonly onSettled: () => void
  readonly onClose: () => void
}

/** The end of a day where the reader is; none: no end. @param day such as `2030-01-31` */
function endOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T23:59:59.999`).toISOString()
}

/** The day of an instant where the reader is, as a date field has it. */
function lastDayOf(instant: string | null): string {
  return instant === null ? '' : toLocalInput(instant).slice(0, 10)
}
