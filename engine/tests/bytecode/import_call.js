import('x'); import('y', { with: { type: 'json' } }).then(f);
