import { PasswordInput } from '@mantine/core'

const SHORTEST = 12

/** A field for a password that is to be set. */
export function NewPassword({ label, value, error, onChange }: NewPasswordProps) {
  return (
    <PasswordInput
      label={label}
      description={`${SHORTEST} characters or more`}
      required
      minLength={SHORTEST}
      maxLength={200}
      autoComplete="new-password"
      value={value}
      error={error}
      onChange={event => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
    />
  )
}

interface NewPasswordProps {
  readonly label: string
  readonly value: string
  readonly error?: string | undefined
  readonly onChange: (value: string) => void
}
