import { Text } from '@mantine/core'
import { useState } from 'react'
import type { MemberResource } from '../api/members.ts'
import { CardPage } from '../layout/card-page.tsx'
import { AcceptanceForm } from './acceptance-form.tsx'
import { LinkEnded } from './link-ended.tsx'
import { useLinkSecret } from './link-secret.ts'
import { roleTitle } from './roles.ts'
import { ToSignIn } from './to-sign-in.tsx'

/** Where the link of an invitation leads. */
export function InvitationPage() {
  const secret = useLinkSecret('spi_')
  const [member, setMember] = useState<MemberResource>()
  const [ended, setEnded] = useState(secret === undefined)
  if (member)
    return (
      <CardPage title="You are a member">
        <Text>
          Sign in as <b>{member.attributes.email}</b>. Your role is {roleTitle(member.attributes.role)}.
        </Text>
        <ToSignIn />
      </CardPage>
    )
  return (
    <CardPage title="Join an organization" heading="You are invited">
      {secret === undefined || ended ? (
        <LinkEnded what="It works once and for seven days, and its maker can withdraw it. If you have accepted it, sign in. Otherwise ask who invited you for another." />
      ) : (
        <AcceptanceForm secret={secret} onAccepted={setMember} onEnded={() => setEnded(true)} />
      )}
    </CardPage>
  )
}
