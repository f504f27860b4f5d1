import { forbidEval } from '@davit/contract';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/queries.ts';
import { App } from './App.tsx';
import { applyTheme } from './lib/theme.ts';

forbidEval();
applyTheme();
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App client={createQueryClient()} />);
