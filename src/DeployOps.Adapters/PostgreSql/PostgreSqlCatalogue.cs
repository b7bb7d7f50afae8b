namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// The schema as lines of text, the same before a dump and after its restore. Expressions are compared without parentheses, white space and casts
/// between texts: the server writes them otherwise after it has read its own writing. Invalid indexes are left out, as pg_dump does.
/// </summary>
internal static class PostgreSqlCatalogue
{
    private const string Ours = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

    /// <summary>The queries, each of one column of text, in no order. They are asked with an empty <c>search_path</c>, so that names are whole.</summary>
    internal static IReadOnlyList<string> Queries { get; } =
    [
        $"SELECT 'schema ' || n.nspname FROM pg_namespace n WHERE {Ours}",
        "SELECT format('extension %s %s', e.extname, e.extversion) FROM pg_extension e",
        $"""
        SELECT format('relation %I.%I %s %s %s %s %s %s', n.nspname, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
                      c.reloptions, {Rights("c.relacl", "CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::\"char\"", "c.relowner")})
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND {Ours} AND {NotOfExtension("pg_class", "c.oid")}
        """,
        $"""
        SELECT format('column %I.%I %s %I %s %s %s %s %s %s', n.nspname, c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
                      a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation, {Normal("pg_get_expr(d.adbin, d.adrelid)")})
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't' AND {Ours} AND {NotOfExtension("pg_class", "c.oid")}
        """,
        $"""
        SELECT format('constraint %s %s %I %s %s', o.conrelid::regclass, o.contypid::regtype, o.conname, o.convalidated, {Normal("pg_get_constraintdef(o.oid)")})
        FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace WHERE {Ours} AND {NotOfExtension("pg_class", "o.conrelid")}
        """,
        $"""
        SELECT format('index %s %s', {Normal("pg_get_indexdef(i.indexrelid)")}, i.indisreplident)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (i.indisvalid OR c.relkind = 'I') AND c.relpersistence <> 't' AND {Ours} AND {NotOfExtension("pg_class", "i.indrelid")}
        """,
        $"""
        SELECT format('view %I.%I %s', n.nspname, c.relname, {Normal("pg_get_viewdef(c.oid)")})
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {Ours} AND {NotOfExtension("pg_class", "c.oid")}
        """,
        $"""
        SELECT format('function %s %s', {Rights("p.proacl", "'f'", "p.proowner")}, CASE WHEN p.prokind = 'a' THEN p.oid::regprocedure::text ELSE pg_get_functiondef(p.oid) END)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {Ours} AND {NotOfExtension("pg_proc", "p.oid")}
        """,
        $"""
        SELECT format('trigger %s %s', t.tgenabled, {Normal("pg_get_triggerdef(t.oid)")})
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND {Ours}
        """,
        $"""
        SELECT format('type %I.%I %s %s %s', n.nspname, t.typname, t.typtype, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) || t.typnotnull || coalesce(t.typdefault, '') END,
                      ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder))
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('d', 'e', 'r', 'm') AND {Ours} AND {NotOfExtension("pg_type", "t.oid")}
        """,
        $"""
        SELECT format('sequence %I.%I %s', n.nspname, c.relname, ROW(format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle))
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND {Ours}
        """,
        $"""
        SELECT format('policy %s %I %s %s %s %s', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, {Normal("pg_get_expr(p.polqual, p.polrelid)")}, {Normal("pg_get_expr(p.polwithcheck, p.polrelid)")})
        FROM pg_policy p
        """,
        $"SELECT 'rule ' || {Normal("pg_get_ruledef(r.oid)")} FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' AND {Ours}",
        $"SELECT 'statistics ' || pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {Ours}",
        "SELECT format('inherits %s %s %s', i.inhrelid::regclass, i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid)) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind IN ('r', 'p', 'f')",
    ];

    private static string NotOfExtension(string catalogue, string oid) =>
        $"NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '{catalogue}'::regclass AND x.objid = {oid} AND x.deptype = 'e')";

    private static string Normal(string expression) =>
        $"regexp_replace({expression}, '::(character varying|text|bpchar)(\\(\\d+\\))?(\\[\\])?|[()\\s]', '', 'g')";

    // Rights that nobody ever changed are NULL, and written out once somebody has.
    private static string Rights(string rights, string kind, string owner) =>
        $"ARRAY(SELECT format('%s=%s%s', r.grantee::regrole, r.privilege_type, r.is_grantable) FROM aclexplode(coalesce({rights}, acldefault({kind}, {owner}))) r ORDER BY 1)";
}
