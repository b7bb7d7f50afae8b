namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// The schema as lines of text, the same before a dump and after its restore, and other after whatever changes it: definitions, owners, rights and comments. Expressions are marked,
/// to be compared by what they mean: the server writes some otherwise after it has read its own writing (<see cref="PostgreSqlExpression"/>). Invalid indexes are left out, as pg_dump does; so are
/// tablespaces, which another server need not have, subscriptions, and who owns each large object.
/// </summary>
internal static class PostgreSqlCatalogue
{
    private const string Ours = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

    // What comes with the server has smaller numbers.
    private const string Made = "oid >= 16384";

    /// <summary>The queries, each of one column of text, in no order. They are asked with an empty <c>search_path</c>, so that names are whole.</summary>
    internal static IReadOnlyList<string> Queries { get; } =
    [
        $"SELECT format('schema %I %s %s', n.nspname, n.nspowner::regrole, {Rights("n.nspacl", "'n'", "n.nspowner")}) FROM pg_namespace n WHERE {Ours}",
        // Without its version: a dump has the server make the one it has by default.
        "SELECT format('extension %s', e.extname) FROM pg_extension e",
        $"""
        SELECT format('relation %I.%I %s %s %s %s %s %s %s %s %s %s %s', n.nspname, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispopulated,
                      c.reloptions, (SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid), (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam), c.relowner::regrole,
                      {Rights("c.relacl", "CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::\"char\"", "c.relowner")})
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND {Ours} AND {NotOfExtension("pg_class", "c.oid")}
        """,
        $"""
        SELECT format('column %I.%I %s %I %s %s %s %s %s %s %s %s %s %s %s %s', n.nspname, c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
                      a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation, {Normal("pg_get_expr(d.adbin, d.adrelid)")},
                      a.attstorage, to_jsonb(a) ->> 'attcompression', nullif(to_jsonb(a) ->> 'attstattarget', '-1'), a.attoptions, a.attfdwoptions, {Rights("a.attacl", "'c'", "c.relowner")})
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't' AND {Ours} AND {NotOfExtension("pg_class", "c.oid")}
        """,
        $"""
        SELECT format('constraint %s %s %I %s %s', o.conrelid::regclass, o.contypid::regtype, o.conname, o.convalidated, {Normal("pg_get_constraintdef(o.oid)")})
        FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace WHERE {Ours} AND {NotOfExtension("pg_class", "o.conrelid")}
        """,
        $"""
        SELECT format('index %s %s %s %s', {Normal("pg_get_indexdef(i.indexrelid)")}, i.indisreplident, i.indisclustered,
                      ARRAY(SELECT a.attstattarget FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0 ORDER BY a.attnum))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (i.indisvalid OR c.relkind = 'I') AND c.relpersistence <> 't' AND {Ours} AND {NotOfExtension("pg_class", "i.indrelid")}
        """,
        $"""
        SELECT format('view %I.%I %s', n.nspname, c.relname, {Normal("pg_get_viewdef(c.oid)")})
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {Ours} AND {NotOfExtension("pg_class", "c.oid")}
        """,
        $"""
        SELECT format('function %s %s %s %s', p.proowner::regrole, {Rights("p.proacl", "'f'", "p.proowner")}, CASE WHEN p.prokind = 'a' THEN p.oid::regprocedure::text ELSE pg_get_functiondef(p.oid) END,
                      (SELECT format('%s %s %s %s %s %s', a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggtranstype::regtype, a.agginitval, a.aggkind) FROM pg_aggregate a WHERE a.aggfnoid = p.oid))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {Ours} AND {NotOfExtension("pg_proc", "p.oid")}
        """,
        $"""
        SELECT format('trigger %s %s', t.tgenabled, {Normal("pg_get_triggerdef(t.oid)")})
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND {Ours}
        """,
        $"""
        SELECT format('event trigger %I %s %s %s %s %s', e.evtname, e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regprocedure, e.evtowner::regrole)
        FROM pg_event_trigger e WHERE {NotOfExtension("pg_event_trigger", "e.oid")}
        """,
        $"""
        SELECT format('type %I.%I %s %s %s %s %s %s', n.nspname, t.typname, t.typtype, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) || t.typnotnull || coalesce(t.typdefault, '') END,
                      ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
                      (SELECT format('%s %s %s %s', r.rngsubtype::regtype, r.rngcollation::regcollation, r.rngcanonical, r.rngsubdiff) FROM pg_range r WHERE r.rngtypid = t.oid),
                      t.typowner::regrole, {Rights("t.typacl", "'T'", "t.typowner")})
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE (t.typtype IN ('d', 'e', 'r', 'm') OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')) AND {Ours} AND {NotOfExtension("pg_type", "t.oid")}
        """,
        $"""
        SELECT format('sequence %I.%I %s %s', n.nspname, c.relname, ROW(format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle),
                      (SELECT format('%s %s %s', d.refobjid::regclass, a.attname, d.deptype) FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND {Ours}
        """,
        $"""
        SELECT format('policy %s %I %s %s %s %s %s', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, ARRAY(SELECT r::regrole::text FROM unnest(p.polroles) r ORDER BY 1),
                      {Normal("pg_get_expr(p.polqual, p.polrelid)")}, {Normal("pg_get_expr(p.polwithcheck, p.polrelid)")})
        FROM pg_policy p
        """,
        $"""
        SELECT format('rule %s %s', r.ev_enabled, {Normal("pg_get_ruledef(r.oid)")}) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.rulename <> '_RETURN' AND {Ours}
        """,
        $"""
        SELECT format('statistics %s %s %s', pg_get_statisticsobjdef(s.oid), s.stxowner::regrole, nullif(to_jsonb(s) ->> 'stxstattarget', '-1'))
        FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {Ours}
        """,
        "SELECT format('inherits %s %s %s', i.inhrelid::regclass, i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid)) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind IN ('r', 'p', 'f')",
        $"SELECT format('default rights %s %s %s %s', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype, {Rights("d.defaclacl")}) FROM pg_default_acl d",
        "SELECT format('publication %s %s', p.pubowner::regrole, to_jsonb(p) - 'oid' - 'pubowner') FROM pg_publication p",
        $"SELECT format('published %s %s', to_jsonb(t) - 'rowfilter', {Normal("to_jsonb(t) ->> 'rowfilter'")}) FROM pg_publication_tables t",
        $"""
        SELECT format('operator %s %s %s %s %s %s', o.oid::regoperator, o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcanhash, o.oprowner::regrole)
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE {Ours} AND {NotOfExtension("pg_operator", "o.oid")}
        """,
        $"""
        SELECT format('cast %s %s %s %s %s', t.castsource::regtype, t.casttarget::regtype, t.castfunc::regprocedure, t.castcontext, t.castmethod) FROM pg_cast t WHERE t.{Made} AND {NotOfExtension("pg_cast", "t.oid")}
        """,
        $"""
        SELECT format('collation %I.%I %s %s', n.nspname, t.collname, t.collowner::regrole, to_jsonb(t) - '{"{"}oid,collname,collnamespace,collowner,collversion,collencoding{"}"}'::text[])
        FROM pg_collation t JOIN pg_namespace n ON n.oid = t.collnamespace WHERE {Ours} AND {NotOfExtension("pg_collation", "t.oid")}
        """,
        $"""
        SELECT format('dictionary %I.%I %s %s', n.nspname, t.dictname, t.dictowner::regrole, t.dictinitoption)
        FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace WHERE {Ours} AND {NotOfExtension("pg_ts_dict", "t.oid")}
        """,
        $"""
        SELECT format('text search %I.%I %s %s', n.nspname, t.cfgname, t.cfgowner::regrole, ARRAY(SELECT format('%s %s', m.maptokentype, m.mapdict::regdictionary) FROM pg_ts_config_map m WHERE m.mapcfg = t.oid ORDER BY m.maptokentype, m.mapseqno))
        FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace WHERE {Ours} AND {NotOfExtension("pg_ts_config", "t.oid")}
        """,
        $"SELECT format('server %I %s %s %s %s %s', s.srvname, s.srvtype, s.srvversion, s.srvoptions, s.srvowner::regrole, {Rights("s.srvacl", "'S'", "s.srvowner")}) FROM pg_foreign_server s",
        "SELECT format('foreign table %s %s', f.ftrelid::regclass, f.ftoptions) FROM pg_foreign_table f",
        $"""
        SELECT format('comment %s %s %s', i.type, i.identity, d.description) FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
        WHERE (d.objoid >= 16384 OR (d.classoid = 'pg_namespace'::regclass AND i.identity = 'public')) AND i.identity IS NOT NULL AND (i.schema IS NULL OR i.schema !~ '^pg_') AND d.classoid <> 'pg_extension'::regclass
          AND NOT EXISTS (SELECT FROM pg_index x WHERE d.classoid = 'pg_class'::regclass AND x.indexrelid = d.objoid AND NOT x.indisvalid)
          AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = d.classoid AND x.objid = d.objoid AND x.deptype = 'e')
        """,
        "SELECT format('label %s %s %s %s', i.type, i.identity, l.provider, l.label) FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) i WHERE i.identity IS NOT NULL",
    ];

    private static string NotOfExtension(string catalogue, string oid) =>
        $"NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '{catalogue}'::regclass AND x.objid = {oid} AND x.deptype = 'e')";

    private static string Normal(string expression) => $"chr({(int)PostgreSqlExpression.Begins}) || ({expression}) || chr({(int)PostgreSqlExpression.Ends})";

    // Rights that nobody ever changed are NULL, and written out once somebody has.
    private static string Rights(string rights, string kind, string owner) => Rights($"coalesce({rights}, acldefault({kind}, {owner}))");

    private static string Rights(string rights) =>
        $"ARRAY(SELECT format('%s=%s%s', r.grantee::regrole, r.privilege_type, r.is_grantable) FROM aclexplode({rights}) r ORDER BY 1)";
}
