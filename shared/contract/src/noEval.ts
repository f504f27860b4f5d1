import { z } from 'zod';

// In a page the schemas must not compile themselves with `new Function`: its security policy refuses that and reports
// each try. They try when they are declared, so this stands before all of them.
if ('document' in globalThis) z.config({ jitless: true });
