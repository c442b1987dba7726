import { Button, Group } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accountQuery, enrolTotp, removeTotp } from '../api/account.ts'
import { Failure } from '../shared/failure.tsx'
import { tell } from '../shared/tell.ts'
import { PasswordQuestion } from './password-question.tsx'
import { TotpSetUp } from './totp-set-up.tsx'

/** Turns one-time codes on or off. @param on whether they are */
export function OneTimeCodes({ on }: { readonly on: boolean }) {
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const enrolment = useMutation({ mutationFn: enrolTotp, gcTime: 0 })
  const refresh = () => client.invalidateQueries({ queryKey: accountQuery.queryKey })
  return (
    <>
      <Group>
        {on ? (
          <Button variant="default" onClick={() => setRemoving(true)}>
            Turn one-time codes off
          </Button>
        ) : (
          <Button onClick={() => enrolment.mutate()} loading={enrolment.isPending}>
            Set up one-time codes
          </Button>
        )}
      </Group>
      {enrolment.error && <Failure error={enrolment.error} />}
      <TotpSetUp
        secret={enrolment.data}
        onClose={enrolment.reset}
        onDone={async () => {
          await refresh()
          enrolment.reset()
          tell('One-time codes are on. The next sign-in asks for one.')
        }}
      />
      <PasswordQuestion
        opened={removing}
        title="Turn one-time codes off?"
        action="Turn them off"
        onClose={() => setRemoving(false)}
        onPassword={async password => {
          await removeTotp(password)
          await refresh()
          tell('One-time codes are off.')
        }}
      >
        Your password alone is enough to sign in then. To move to another device, turn them off and set them
        up again.
      </PasswordQuestion>
    </>
  )
}
