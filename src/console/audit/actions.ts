/** What each action of the audit trail is, as what somebody did. */
const ACTIONS: Readonly<Record<string, string>> = {
  'api_key.create': 'Created an API key',
  'api_key.delete': 'Deleted an API key',
  'api_key.update': 'Changed an API key',
  'invitation.accept': 'Accepted an invitation',
  'invitation.create': 'Invited somebody',
  'invitation.delete': 'Withdrew an invitation',
  'member.create': 'Added a member',
  'member.delete': 'Removed a member',
  'member.leave': 'Left the organization',
  'member.reset_password': 'Created a password reset link',
  'member.update': 'Changed a member’s role',
  'organization.create': 'Created the organization',
  'organization.delete': 'Deleted the organization',
  'organization.update': 'Changed the organization',
  'organization_key.create': 'Created an organization API key',
  'organization_key.delete': 'Deleted an organization API key',
  'organization_key.update': 'Changed an organization API key',
  'pass.activate': 'Activated a pass',
  'pass.create': 'Created a pass',
  'pass.delete': 'Deleted a pass',
  'pass.end_secret': 'Ended a secret of a pass',
  'pass.end_token': 'Ended a live token',
  'pass.end_with_creator': 'Had a pass end with the one that made it',
  'pass.revoke': 'Paused a pass',
  'pass.rotate': 'Rotated a pass’s secret',
  'pass.update': 'Changed a pass',
  'project.create': 'Created a project',
  'project.delete': 'Deleted a project',
  'project.update': 'Renamed a project',
  'resource_server.create': 'Registered a resource server',
  'resource_server.delete': 'Deleted a resource server',
  'resource_server.update': 'Changed a resource server',
  'resource_server.verify': 'Verified a resource server',
  'signing_key.pull': 'Pulled a signing key',
  'signing_key.rotate': 'Rotated the signing keys',
  'user.change_password': 'Changed their password',
  'user.confirm_totp': 'Turned one-time codes on',
  'user.decline_invitation': 'Declined an invitation',
  'user.delete': 'Deleted their account',
  'user.end_session': 'Ended a session',
  'user.enrol_totp': 'Began to set up one-time codes',
  'user.offer_password_reset': 'Created a password reset link',
  'user.override_password': 'Set a password on the server',
  'user.redeem_password_reset': 'Set a password by a reset link',
  'user.release_address': 'Took the email address from the account',
  'user.remove_totp': 'Turned one-time codes off',
  'user.update': 'Changed their name',
  'user.sign_in': 'Signed in',
  'user.sign_in_slowed': 'Failed to sign in too often, and was slowed',
  'user.sign_out': 'Signed out',
  'user.sign_out_everywhere': 'Signed out everywhere',
}

/** Acts to choose from: all on things of a kind, then each, as people know them. */
export const ACTION_CHOICES = [
  {
    group: 'All of a kind',
    items: [
      { value: 'pass.*', label: 'Everything on passes' },
      { value: 'api_key.*,organization_key.*', label: 'Everything on API keys' },
      { value: 'project.*', label: 'Everything on projects' },
      { value: 'member.*,invitation.*', label: 'Everything on members' },
      { value: 'user.*', label: 'Everything on accounts' },
    ],
  },
  {
    group: 'One act',
    items: Object.entries(ACTIONS)
      .map(([value, label]) => ({ value, label }))
      .toSorted((one, other) => one.label.localeCompare(other.label)),
  },
]

const ACTORS: Readonly<Record<string, string>> = {
  api_key: 'API key',
  organization_key: 'organization API key',
  pass: 'pass',
  system: 'server',
}

/** One that is not known here is shown as the server says it. */
export function actionLabel(action: string): string {
  return ACTIONS[action] ?? action
}

/** What acted, where it was no person. */
export function actorKind(type: string): string | undefined {
  return type === 'user' ? undefined : (ACTORS[type] ?? type)
}
