import { pageText, toHubText, type Language, type PageKind } from './texts.ts';

export interface PageOptions {
  kind: PageKind;
  language: Language;
  /** The server's name as its owner wrote it; it is escaped here. */
  name: string;
  reason?: string;
  hubUrl: string;
  /** For the style and the script, new for each answer. */
  nonce: string;
  /** Asked while the page is visible: the page reloads when it says `ready` or another phase. */
  readyUrl?: string;
  phase?: string;
  /** Loads again by itself every few seconds, where no phase would tell when to. */
  retry?: boolean;
}

/** Pages that show that something goes on. */
const BUSY = new Set<PageKind>(['starting', 'editor-starting', 'queued']);

const STYLE = `
:root{color-scheme:light dark;--back:#f5f7f9;--card:#fff;--text:#1a2129;--soft:#57636f;--line:#d8dee4;--accent:#0b62b0;--on:#fff}
@media(prefers-color-scheme:dark){:root{--back:#13171c;--card:#1b2027;--text:#e4e9ef;--soft:#9aa7b5;--line:#323b46;--accent:#6cb4f5;--on:#06223c}}
@media(prefers-contrast:more){:root{--soft:var(--text);--line:var(--text)}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--back);color:var(--text);
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC",sans-serif}
main{width:100%;max-width:440px;padding:24px;background:var(--card);border:1px solid var(--line);border-radius:6px}
h1{margin:0 0 8px;font-size:18px;line-height:1.3;overflow-wrap:anywhere}
p{margin:0 0 12px;color:var(--soft);overflow-wrap:anywhere}
#reason{color:var(--text)}#reason:empty{display:none}
a{display:inline-block;padding:6px 14px;border-radius:6px;background:var(--accent);color:var(--on);text-decoration:none}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.bar{height:3px;margin:0 0 16px;border-radius:2px;background:var(--line);overflow:hidden}
.bar::after{content:"";display:block;width:30%;height:100%;background:var(--accent);animation:go 1.6s ease-in-out infinite}
@keyframes go{from{margin-left:-30%}to{margin-left:100%}}
@media(forced-colors:active){.bar{border:1px solid}.bar::after{background:Highlight;forced-color-adjust:none}a{border:1px solid}}
@media(prefers-reduced-motion:reduce){.bar::after{animation:none;width:100%;opacity:.5}}`;

const SCRIPT = `
const {ready,phase,retry}=document.body.dataset;
const visible=()=>document.visibilityState==='visible';
const wait=(ms)=>new Promise((done)=>setTimeout(done,ms));
async function watch(){
  for(let delay=1000;;delay=Math.min(delay*1.3,4000)){
    await wait(retry?3000:delay);
    if(!visible())continue;
    if(retry){location.reload();return}
    try{
      const answer=await fetch(ready,{headers:{accept:'application/json'},cache:'no-store'});
      if(answer.status>=500)continue;
      if(!answer.ok){location.reload();return}
      const state=await answer.json();
      if(state.ready||state.phase!==phase){location.reload();return}
      document.getElementById('reason').textContent=state.reason||'';
    }catch{}
  }
}
if(ready||retry)watch();`;

/** A page of the proxy: one document without anything from elsewhere. */
export function renderPage(options: PageOptions): string {
  const { kind, language, nonce, reason = '', readyUrl, phase } = options;
  const { title, text } = pageText(kind, language, options.name);
  const data = [
    readyUrl === undefined ? '' : ` data-ready="${escapeHtml(readyUrl)}"`,
    phase === undefined ? '' : ` data-phase="${escapeHtml(phase)}"`,
    options.retry === true ? ' data-retry="1"' : '',
  ].join('');
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)} · Davit</title>
<style nonce="${nonce}">${STYLE}</style></head>
<body${data}><main>
${BUSY.has(kind) ? '<div class="bar" role="presentation"></div>' : ''}<h1>${escapeHtml(title)}</h1>
<p id="reason" role="status">${escapeHtml(reason)}</p>
<p>${escapeHtml(text)}</p>
<a href="${escapeHtml(options.hubUrl)}" target="_top">${toHubText(language)}</a>
</main><script nonce="${nonce}">${SCRIPT}</script></body></html>
`;
}

/** What such a page may do: run its own script, ask its own origin, be framed by it. */
export function pagePolicy(nonce: string): string {
  return (
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
    `base-uri 'none'; form-action 'none'; frame-ancestors 'self'`
  );
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
