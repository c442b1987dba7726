import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { changePassword } from '../api/account.ts'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'
import { session } from '../sign-in/session.ts'
import { NewPassword } from './new-password.tsx'

/** Changes the password, and leads to the sign-in: every session has ended. @param email whose password it is */
export function PasswordForm({ email }: { readonly email: string }) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: async () => {
      await changePassword(current, next)
      await session.begin(location.pathname, false)
    },
  })
  const { at, rest } = faultsOf(change.error, ['currentPassword', 'newPassword'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack maw={420}>
        {/* So that a password manager knows whose it is. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label="Current password"
          required
          autoComplete="current-password"
          value={current}
          error={at.currentPassword}
          onChange={event => setCurrent(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        />
        <NewPassword label="New password" value={next} error={at.newPassword} onChange={setNext} />
        {rest && <Failure error={rest} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            Change the password
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
