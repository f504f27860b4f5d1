/** Addresses a page is made of, as the editor serves them, and what it may load. */
export interface PageParts {
  page: string;
  title: string;
  locale: string;
  script: string;
  style: string;
  /** The editor's source of local files for the content security policy. */
  cspSource: string;
  /** Random for each page: only the script that carries it runs. */
  nonce: string;
}

/** The frame of a page: nothing but our own script and styles, no network, no inline code. */
export function pageHtml({ page, title, locale, script, style, cspSource, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="${escape(locale)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta property="csp-nonce" nonce="${escape(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="stylesheet" href="${escape(style)}">
</head>
<body>
<div id="root" data-page="${escape(page)}"></div>
<script nonce="${escape(nonce)}" src="${escape(script)}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
