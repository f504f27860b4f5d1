import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/queries.ts';
import { App } from './App.tsx';
import { applyTheme } from './lib/theme.ts';

applyTheme();
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App client={createQueryClient()} />);
