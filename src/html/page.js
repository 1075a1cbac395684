/* What makes the page of --format html quicker to read.  All of it is there without.  */
'use strict';
(() => {
	const one = (selector, from = document) => from.querySelector(selector);
	const all = (selector, from = document) => [...from.querySelectorAll(selector)];
	const PAGE = 200;

	/* ---- copying ---- */
	for (const button of all('.copy')) {
		button.hidden = false;
		button.addEventListener('click', async () => {
			const code = one('code', button.parentElement);
			let done = true;
			try {
				await navigator.clipboard.writeText(code.textContent);
			} catch {
				getSelection().selectAllChildren(code);
				done = document.execCommand('copy');
			}
			button.textContent = done ? 'Copied' : 'Press Ctrl+C';
			setTimeout(() => { button.textContent = 'Copy'; }, 2000);
		});
	}

	/* ---- sorting ---- */
	const order = new Intl.Collator('en', { numeric: true });
	const keyOf = (cell) => cell.dataset.k ?? cell.textContent;
	const sortTable = (table, column, isDown, then) => {
		const body = table.tBodies[0];
		const rows = [...body.rows].map((row) => [keyOf(row.cells[column]), row]);
		rows.sort((a, b) => (isDown ? order.compare(b[0], a[0]) : order.compare(a[0], b[0])));
		/* Out of the page rows are moved eight times as fast.  */
		body.remove();
		body.append(...rows.map((pair) => pair[1]));
		table.append(body);
		all('thead th', table).forEach((head) => head.removeAttribute('aria-sort'));
		table.tHead.rows[0].cells[column].setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
		then?.();
	};
	const makeSortable = (table, then) => {
		for (const head of all('thead th', table)) {
			const button = document.createElement('button');
			button.type = 'button';
			button.append(...head.childNodes);
			head.append(button);
			button.addEventListener('click', () => {
				const was = head.getAttribute('aria-sort');
				/* Numbers are asked for by the largest.  */
				const isDown = was ? was === 'ascending' : head.classList.contains('num');
				sortTable(table, head.cellIndex, isDown, then);
			});
		}
	};
	for (const table of all('table.sortable:not(#t-dists)'))
		makeSortable(table);

	/* ---- the dists ---- */
	const table = one('#t-dists');
	if (!table)
		return;
	const state = one('#f-state'), more = one('.more'), none = one('#findings > .none');
	const fields = { text: one('#f-text'), verdict: one('#f-verdict'), rule: one('#f-rule'), severity: one('#f-severity') };
	const listed = one('#findings');
	const dists = [...table.tBodies[0].rows].map((row) => {
		const link = one('a', row);
		const section = link && document.getElementById(link.hash.slice(1)).parentElement;
		return { row, section, data: row.dataset, text: null };
	});
	const byRow = new Map(dists.map((dist) => [dist.row, dist]));
	let ordered = dists, limit = PAGE, isSorted = false;

	const has = (words, word) => !word || (words ?? '').split(' ').includes(word);
	const textOf = (dist) =>
		(dist.text ??= (dist.row.textContent + ' ' + (dist.section?.textContent ?? '')).toLowerCase());
	const show = (dist, isIn, isLater) => {
		for (const element of [dist.row, dist.section]) {
			if (!element)
				continue;
			element.hidden = !isIn;
			element.classList.toggle('later', isLater);
		}
	};
	/* Of a section that is seen, the findings that were asked for.  */
	const narrowed = new Set();
	const showFindings = (section, rule, severity) => {
		for (const item of all('.list > li', section))
			item.hidden = !(has(item.dataset.r, rule) && has(item.dataset.s, severity));
		if (rule || severity)
			narrowed.add(section);
		else
			narrowed.delete(section);
	};
	const apply = () => {
		const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
		const verdict = fields.verdict.value, rule = fields.rule.value, severity = fields.severity.value;
		const sections = [];
		let count = 0;
		for (const dist of ordered) {
			const isIn = (!verdict || dist.data.v === verdict) && has(dist.data.r, rule) &&
				has(dist.data.s, severity) && words.every((word) => textOf(dist).includes(word));
			const isLater = isIn && ++count > limit;
			show(dist, isIn, isLater);
			if (isIn && !isLater && dist.section)
				sections.push(dist.section);
		}
		for (const section of rule || severity ? sections : narrowed)
			showFindings(section, rule, severity);
		state.textContent = `${count.toLocaleString('en')} of ${dists.length.toLocaleString('en')} dists` +
			(count > limit ? `, the first ${limit.toLocaleString('en')} shown` : '');
		more.hidden = count <= limit;
		none.hidden = sections.length > 0;
		/* Those that are seen, in the order of the rows; to move all would be felt.  */
		if (isSorted)
			one('.fold').after(...sections);
	};
	const restart = () => {
		limit = PAGE;
		apply();
	};
	let timer;
	fields.text.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(restart, 120);
	});
	for (const name of ['verdict', 'rule', 'severity'])
		fields[name].addEventListener('change', restart);
	one('#f-reset').addEventListener('click', () => {
		for (const field of Object.values(fields))
			field.value = '';
		restart();
	});
	/* A verdict or a rule among the numbers leads to its dists.  */
	for (const link of all('a[data-f]'))
		link.addEventListener('click', () => {
			for (const [name, field] of Object.entries(fields))
				field.value = name === link.dataset.f ? link.dataset.k : '';
			restart();
		});
	one('#more').addEventListener('click', () => {
		limit += PAGE;
		apply();
	});
	one('#more-all').addEventListener('click', () => {
		limit = Infinity;
		apply();
	});
	makeSortable(table, () => {
		ordered = [...table.tBodies[0].rows].map((row) => byRow.get(row));
		isSorted = true;
		apply();
	});

	/* ---- folding ---- */
	const shown = () => dists.filter((dist) => dist.section && !dist.section.hidden && !dist.section.classList.contains('later'));
	one('#fold-open').addEventListener('click', () => shown().forEach((dist) => { dist.section.open = true; }));
	one('#fold-close').addEventListener('click', () => shown().forEach((dist) => { dist.section.open = false; }));
	const follow = () => {
		const body = /^#d\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
		if (!body)
			return;
		body.parentElement.hidden = false;
		body.parentElement.classList.remove('later');
		body.parentElement.open = true;
		body.parentElement.scrollIntoView();
		body.focus({ preventScroll: true });
	};
	addEventListener('hashchange', follow);
	table.addEventListener('click', (event) => {
		if (event.target.closest('a')?.hash === location.hash)
			follow();
	});

	/* What is seen at one look needs no filter.  */
	const items = all('.list > li', listed).length;
	one('.filter').hidden = state.hidden = dists.length < 8 && items < 20;
	one('.fold').hidden = all('details.dist', listed).length < 2;
	apply();
	follow();
})();
