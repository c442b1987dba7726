import { Button, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { redeemPasswordReset } from '../api/members.ts'
import { CardPage } from '../layout/card-page.tsx'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'
import { isLinkEnded, LinkEnded } from './link-ended.tsx'
import { useLinkSecret } from './link-secret.ts'
import { NewPassword } from './new-password.tsx'
import { ToSignIn } from './to-sign-in.tsx'

/** Where the link of a password reset leads. */
export function PasswordResetPage() {
  const secret = useLinkSecret('spr_')
  const [done, setDone] = useState(false)
  const [ended, setEnded] = useState(secret === undefined)
  if (done)
    return (
      <CardPage title="Your password is set">
        <Text>Every session of yours has ended. Sign in with the new password.</Text>
        <ToSignIn />
      </CardPage>
    )
  return (
    <CardPage title="Set a new password">
      {secret === undefined || ended ? (
        <LinkEnded what="It works once, for a day, and until a newer one is made. If you have used it, sign in with the password that you set. Otherwise ask an owner of your organization for another." />
      ) : (
        <ResetForm secret={secret} onDone={() => setDone(true)} onEnded={() => setEnded(true)} />
      )}
    </CardPage>
  )
}

function ResetForm({ secret, onDone, onEnded }: ResetFormProps) {
  const [password, setPassword] = useState('')
  const redemption = useMutation({
    mutationFn: () => redeemPasswordReset(secret, password),
    onSuccess: onDone,
    onError: error => isLinkEnded(error) && onEnded(),
  })
  const { at, rest } = faultsOf(redemption.error, ['password'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        redemption.mutate()
      }}
    >
      <Stack>
        <NewPassword label="New password" value={password} error={at.password} onChange={setPassword} />
        {rest && <Failure error={rest} />}
        <Button type="submit" loading={redemption.isPending}>
          Set the password
        </Button>
      </Stack>
    </form>
  )
}

interface ResetFormProps {
  readonly secret: string
  readonly onDone: () => void
  readonly onEnded: () => void
}
