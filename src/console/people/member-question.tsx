import { Checkbox, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accountQuery } from '../api/account.ts'
import {
  changeRole,
  type MemberResource,
  type OneTimeLink,
  type Role,
  removeMember,
  resetPassword,
} from '../api/members.ts'
import { useOrganization } from '../layout/where.ts'
import { Confirm } from '../shared/confirm.tsx'
import { tell } from '../shared/tell.ts'
import { AccountEvents } from './account-events.tsx'
import { LeaveQuestion } from './leave-question.tsx'
import { ROLE_NOTES, roleTitle } from './roles.ts'

/** What an owner is about to do with a member. */
export type MemberAct =
  | { readonly kind: 'role'; readonly member: MemberResource; readonly role: Role }
  | { readonly kind: 'remove' | 'leave' | 'reset' | 'events'; readonly member: MemberResource }

/** Asks before it, and does it. */
export function MemberQuestion({ asked, onClose, onDone, onLink }: MemberQuestionProps) {
  const { id: orgId, name: organization } = useOrganization()
  const client = useQueryClient()
  const [dropTotp, setDropTotp] = useState(false)
  if (!asked) return null
  const { member } = asked
  const { name } = member.attributes
  const common = { opened: true, onClose }
  // Somebody's own role decides what the console offers them.
  const done = async () => {
    await Promise.all([onDone(), client.invalidateQueries({ queryKey: accountQuery.queryKey })])
  }
  if (asked.kind === 'role')
    return (
      <Confirm
        {...common}
        title={`Make ${name} ${withArticle(asked.role)}?`}
        action="Change the role"
        onConfirm={async () => {
          await changeRole(orgId, member.id, asked.role)
          await done()
          tell(`${name} is ${withArticle(asked.role)} now.`)
        }}
      >
        {`${withArticle(asked.role, true)} ${ROLE_NOTES[asked.role]}. It counts from their next request on.`}
      </Confirm>
    )
  if (asked.kind === 'events')
    return (
      <Modal {...common} size="xl" title={`What happened to the account of ${name}`}>
        <AccountEvents subject={{ orgId, userId: member.id }} />
      </Modal>
    )
  if (asked.kind === 'reset')
    return (
      <Confirm
        {...common}
        title={`Reset the password of ${name}?`}
        action="Create the link"
        onConfirm={async () => onLink(await resetPassword(orgId, member.id, dropTotp))}
      >
        <Text size="sm">
          You get a link to hand on, by which they set a new password. An earlier link stops working.
        </Text>
        {member.attributes.totp && (
          <Checkbox
            label="Drop their one-time codes as well"
            description="For a device that is lost: the link alone lets them in then"
            checked={dropTotp}
            onChange={event => setDropTotp(event.currentTarget.checked)}
          />
        )}
      </Confirm>
    )
  if (asked.kind === 'leave') return <LeaveQuestion {...common} />
  return (
    <Confirm
      {...common}
      title={`Remove ${name}?`}
      action="Remove the member"
      danger
      onConfirm={async () => {
        await removeMember(orgId, member.id)
        await done()
        tell(`${name} is no member any more.`)
      }}
    >
      {`${name} sees nothing of ${organization} any more, from now on. Passes and keys that they made go on working.`}
    </Confirm>
  )
}

interface MemberQuestionProps {
  readonly asked: MemberAct | undefined
  readonly onClose: () => void
  readonly onDone: () => Promise<void>
  /** Told the link of a reset. */
  readonly onLink: (link: OneTimeLink) => void
}

function withArticle(role: Role, first = false): string {
  const article = role === 'ADMIN' || role === 'OWNER' ? 'an' : 'a'
  return `${first ? article[0]?.toUpperCase() + article.slice(1) : article} ${roleTitle(role).toLowerCase()}`
}
