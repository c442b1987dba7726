import { Button, PasswordInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/client.ts'
import { acceptInvitation, type MemberResource } from '../api/members.ts'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'
import { isLinkEnded } from './link-ended.tsx'
import { NewPassword } from './new-password.tsx'

/** Accepts an invitation with a new account, or with the account that somebody has. */
export function AcceptanceForm({ secret, onAccepted, onEnded }: AcceptanceFormProps) {
  const [known, setKnown] = useState(false)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const acceptance = useMutation({
    mutationFn: () =>
      acceptInvitation({
        secret,
        password,
        ...(known ? { ...(code === '' ? {} : { code }) } : { name }),
      }),
    onSuccess: onAccepted,
    onError: error => isLinkEnded(error) && onEnded(),
  })
  const { at, rest } = faultsOf(acceptance.error, ['name', 'password', 'code'])
  const choose = (value: string) => {
    setKnown(value === 'known')
    setPassword('')
    acceptance.reset()
  }
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        acceptance.mutate()
      }}
    >
      <Stack>
        <SegmentedControl
          fullWidth
          aria-label="Your account"
          data={[
            { value: 'new', label: 'I am new here' },
            { value: 'known', label: 'I have an account' },
          ]}
          value={known ? 'known' : 'new'}
          onChange={choose}
        />
        {known ? (
          <>
            <Text size="sm">Show that the account of the invited email address is yours.</Text>
            <PasswordInput
              label="Password"
              required
              autoComplete="current-password"
              value={password}
              error={at.password}
              onChange={event => setPassword(event.currentTarget.value)}
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
            />
            <TextInput
              label="One-time code"
              description="Only if you have set up an authenticator app"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={10}
              value={code}
              error={at.code}
              onChange={event => setCode(event.currentTarget.value)}
            />
          </>
        ) : (
          <>
            <TextInput
              label="Your name"
              required
              maxLength={100}
              autoComplete="name"
              value={name}
              error={at.name}
              onChange={event => setName(event.currentTarget.value)}
            />
            <NewPassword label="Password" value={password} error={at.password} onChange={setPassword} />
          </>
        )}
        {rest && <Failure error={rest} />}
        {!known && isRefused(acceptance.error) && (
          <Text size="sm">
            If you have an account with the invited email address, choose “I have an account”.
          </Text>
        )}
        <Button type="submit" loading={acceptance.isPending}>
          Accept the invitation
        </Button>
      </Stack>
    </form>
  )
}

function isRefused(error: Error | null): boolean {
  return error instanceof ApiProblem && error.code === 'password_refused'
}

interface AcceptanceFormProps {
  readonly secret: string
  readonly onAccepted: (member: MemberResource) => void
  readonly onEnded: () => void
}
