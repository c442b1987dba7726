import type { KoaContextWithOIDC } from 'oidc-provider'

/** The style of the pages, served by itself: the policy of the pages forbids styles within them. */
export const STYLE_PATH = '/v1/api/oauth/sign-in.css'

export const STYLE = `:root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --ink: #16181d; --quiet: #545b69;
  --line: #c3c8d2; --accent: #2553c8; --on-accent: #fff; --wrong: #a81c1c; }
@media (prefers-color-scheme: dark) { :root { --ground: #101216; --card: #1a1d23; --ink: #eceef2; --quiet: #a8afbd;
  --line: #434a58; --accent: #8fb0ff; --on-accent: #0d1526; --wrong: #ff9c9c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 1.5rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .625rem .75rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--line); border-radius: .5rem; }
button { width: 100%; min-height: 2.75rem; margin-top: 1.5rem; padding: .625rem; font: inherit; font-weight: 600;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: .5rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
p { margin: .25rem 0 0; color: var(--quiet); font-size: .9375rem; }
.product { display: flex; align-items: center; gap: .5rem; margin: 0 0 1rem; color: inherit; font-weight: 650; }
.wrong { margin: 0; color: var(--wrong); font-weight: 600; }
`

const MARK = `<svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
<path d="M16 2 4 6.5v8.2C4 22 9 27.6 16 30c7-2.4 12-8 12-15.3V6.5Z" fill="#2553c8"/>
<path d="m10.5 16 4 4 7.5-8" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>
</svg>`

interface PageContext {
  type: string
  body: unknown
  set(name: string, value: string): void
}

/**
 * Answers a page. It loads nothing but the style, runs nothing, is framed by nobody and kept by nobody.
 * @param publicPath the path of `PUBLIC_URL`
 * @param formTargets origins besides this one that a form's answer may lead to; browsers hold redirects to it as well
 */
function answerPage(
  publicPath: string,
  ctx: PageContext,
  title: string,
  content: string,
  formTargets: readonly string[] = [],
): void {
  const targets = ["'self'", ...formTargets].join(' ')
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'self'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`,
  )
  ctx.set('Referrer-Policy', 'no-referrer')
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'html'
  ctx.body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Sentinel Pass</title>
<link rel="stylesheet" href="${publicPath}${STYLE_PATH}">
</head>
<body>
<main>
<p class="product">${MARK}Sentinel Pass</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`
}

/** What the sign-in page shows. */
export interface SignInPage {
  /** As it was typed before, or hinted at by the client. */
  readonly email: string
  /** What was wrong with the attempt before. */
  readonly problem: string | undefined
  readonly formTargets: readonly string[]
}

/** The pages of a server. @param publicPath the path of `PUBLIC_URL` */
export function createSignInPages(publicPath: string) {
  const answer = (ctx: PageContext, title: string, content: string, formTargets?: readonly string[]): void =>
    answerPage(publicPath, ctx, title, content, formTargets)

  return {
    /** Its form goes to where the page is. */
    signIn(ctx: PageContext, page: SignInPage): void {
      const problem = page.problem ? `<p class="wrong" role="alert">${escapeHtml(page.problem)}</p>\n` : ''
      // The cursor stands where typing goes on.
      const [atEmail, atPassword] = page.email ? ['', ' autofocus'] : [' autofocus', '']
      answer(
        ctx,
        'Sign in',
        `${problem}<form method="post">
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${escapeHtml(page.email)}"${atEmail}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${atPassword}>
<label for="code">One-time code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10" aria-describedby="code-hint">
<p id="code-hint">Only if you have set up an authenticator app.</p>
<button type="submit">Sign in</button>
</form>`,
        page.formTargets,
      )
    },

    /** Asks whether to sign out; the library gives the form, without a button. */
    signOut(ctx: KoaContextWithOIDC, form: string): void {
      const button = '<button type="submit" name="logout" value="yes" form="op.logoutForm">Sign out</button>'
      answer(ctx, 'Sign out', `<p>Signing out ends your session in this browser.</p>\n${form}\n${button}`)
    },

    signedOut(ctx: KoaContextWithOIDC): void {
      answer(ctx, 'Signed out', '<p>You are signed out of Sentinel Pass in this browser.</p>')
    },

    /** A request to sign in or out that cannot go on, and where it cannot be told to the client. */
    error(
      ctx: PageContext,
      out: { readonly error: string; readonly error_description?: string | undefined },
    ): void {
      const detail = out.error_description ?? out.error
      answer(
        ctx,
        'This did not work',
        `<p class="wrong" role="alert">${escapeHtml(detail)}</p>\n<p>Go back to where you came from and begin again.</p>`,
      )
    },
  }
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, character => entities[character] ?? character)
}
