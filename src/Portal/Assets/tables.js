// Sorts, filters and pages a table in place: asks the server for the page that the link or form leads to anyway, and
// puts that table where the old one was. The address follows, so it can be kept and sent on.
'use strict';

(() => {
  let asked = new AbortController();

  async function change(listing, address, part) {
    asked.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById(listing.id);
      if (!answer.ok || answer.redirected || !fresh) {
        location.href = address;
        return;
      }
      const focused = document.activeElement;
      const place = listing.contains(focused) && focused.tagName === 'A' ? focused.textContent : null;
      const [from, to] = part ? [fresh.querySelector(part), listing.querySelector(part)] : [fresh, listing];
      to.replaceWith(from);
      history.replaceState(null, '', address);
      const now = document.getElementById(listing.id);
      if (place !== null) {
        // On the last page nothing leads to the next: then the way back is nearest.
        const links = [...now.querySelectorAll('a[data-stay]')];
        (links.find(a => a.textContent === place) ?? links.at(-1) ?? now.querySelector('.scroll'))?.focus();
      }
      say(now.querySelector('.found')?.textContent ?? now.querySelector('.empty')?.textContent);
    } catch (failure) {
      if (failure.name !== 'AbortError') location.href = address;
    }
  }

  /** What came of it, for those who do not see it. */
  const status = document.createElement('p');
  status.className = 'aside';
  status.setAttribute('role', 'status');
  document.querySelector('main').append(status);
  const say = text => { status.textContent = text ?? ''; };

  document.addEventListener('click', event => {
    const link = event.target.closest('[data-listing] a[data-stay]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    change(link.closest('[data-listing]'), link.href);
  });

  const address = form => `${location.pathname}?${new URLSearchParams(
    [...new FormData(form)].filter(([, value]) => value !== ''))}`;

  document.addEventListener('submit', event => {
    const listing = event.target.closest('[data-listing]');
    if (!listing || !event.target.matches('.find')) return;
    event.preventDefault();
    change(listing, address(event.target), '.rows');
  });

  let typing = 0;
  document.addEventListener('input', event => {
    const form = event.target.closest('[data-listing] form.find');
    if (!form) return;
    clearTimeout(typing);
    typing = setTimeout(() => change(form.closest('[data-listing]'), address(form), '.rows'), 120);
  });
})();
