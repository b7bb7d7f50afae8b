Describe 'A release on PostgreSQL' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$root/examples/shop-postgresql/servers.ps1"
        $missing = try { Get-PostgreSql | Out-Null } catch { "$_" }

        # What a server answers, after what the primary had written when it was asked has come to it.
        function Get-FromServer([string]$Name, [string]$Sql) {
            $ports = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$state/ports.json"))
            $written = Invoke-Sql $state ([int]"$($ports['primary'])") 'SELECT pg_current_wal_flush_lsn()'
            if ($Name -eq 'replica') {
                Wait-Until 'The replica does not catch up' "$state/postgresql/replica.log" { (Invoke-Sql $state ([int]"$($ports['replica'])") "SELECT pg_last_wal_replay_lsn() >= '$written'") -eq 't' }
            }
            Invoke-Sql $state ([int]"$($ports[$Name])") $Sql
        }

        # A script and a validation of the replica without a plan.
        function Invoke-Again([string[]]$Options) {
            foreach ($folder in 'again', 'asked') { [System.IO.Directory]::CreateDirectory("$state/$folder") | Out-Null }
            foreach ($file in [System.IO.Directory]::GetFiles("$state/migrations", '*.sql')) { [System.IO.File]::Copy($file, "$state/again/$([System.IO.Path]::GetFileName($file))", $true) }
            [System.IO.File]::WriteAllText("$state/again/V2_4_1__notes.sql", 'CREATE TABLE notes (id int PRIMARY KEY);')
            [System.IO.File]::WriteAllText("$state/asked/notes.sql", "-- verify: notes are there`n-- on: replica`n-- expect: no rows`nSELECT id FROM notes;")
            $text = "Invoke-DbMigration -Kind PostgreSql -ConnectionString ([System.IO.File]::ReadAllText('$state/connection.txt')) -Path '$state/again' -Validations '$state/asked' " +
                "-Replica ([System.IO.File]::ReadAllText('$state/replica.txt')) $($Options -join ' ')"
            try { & ([scriptblock]::Create($text)) } catch { $_ }
        }

        $hasStatus = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'status'"
        $hasIndex = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('orders_status') AND indisvalid"
    }

    BeforeEach { if ($missing) { Set-ItResult -Skipped -Because $missing } }

    AfterAll { Reset-State }

    Context 'that is good' {
        BeforeAll {
            if ($missing) { return }
            $run = Invoke-Rehearsal '-Watch', '00:00:06' -Example shop-postgresql
            $window = @(Get-DeploymentWindow)[0]
            $version = Get-EdgeVersion
            $column = foreach ($name in 'primary', 'replica') { Get-FromServer $name $hasStatus }
            $index = foreach ($name in 'primary', 'replica') { Get-FromServer $name $hasIndex }
            $scratch = Get-FromServer primary "SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops%'"
            $secret = ([System.IO.File]::ReadAllText("$state/connection.txt") -split 'Password=')[1]
            $answers = @($window | Get-DeploymentLog | Where-Object Message -match '^Pass: validation the replica')
            $seen = @($window | Get-DeploymentLog -Target 'watch/shop/2.4.0.1')[0]
            $held = Invoke-Again '-MaxCpu', '0.5', '-CpuProbe', '{ throw ''no route to host'' }'
            $again = Invoke-Again
            $told = foreach ($file in [System.IO.Directory]::GetFiles($env:DEPLOYOPS_HOME, '*', 'AllDirectories')) { if ([System.IO.File]::ReadAllText($file).Contains($secret)) { $file } }
            $stopped = Stop-Shop
            $leftover = @(Get-Leftover)
            $load = Get-Load
        }

        It 'ends with 0' { $run.Code | Should -Be 0 -Because $run.Text }

        It 'serves 2.4.0 through the edge' { $version | Should -Be '2.4.0' }

        It 'loses no request' {
            $load.Failed | Should -Be 0
            $load.Refused | Should -Be 0
            $load.Sent | Should -BeGreaterThan 300
        }

        It 'has the new column and a valid index on the primary and on the replica' {
            $column -join ', ' | Should -Be '1, 1'
            $index -join ', ' | Should -Be '1, 1'
        }

        It 'was rehearsed on the restored backup, with what each script locks' {
            $rehearsed = @($window | Get-DeploymentLog -Target 'rehearsal/shop')[0]
            $rehearsed.Message | Should -Match 'V2_4_0_1__add_orders_status\.sql .*orders AccessExclusiveLock'
            $rehearsed.Message | Should -Match 'every script can be taken back'
            "$($rehearsed.Data['scripts'][1]['statements'][0]['text'])" | Should -BeLike 'CREATE INDEX CONCURRENTLY orders_status*'
            [System.IO.File]::ReadAllText($window.ReportPath) | Should -Match 'orders AccessExclusiveLock'
        }

        It 'asked the replica once it had caught up' { @($answers) | Should -HaveCount 2 }

        It 'tells what each statement did in production, and that it was as rehearsed' {
            "$($seen.Data['statements'][0]['locks'][0])" | Should -Be 'orders AccessExclusiveLock'
            "$($seen.Data['differences'].Count)" | Should -Be '0'
        }

        It 'holds a script without a plan by its limit of processors, and asks the replica that is named' {
            $held.FullyQualifiedErrorId | Should -Be 'MigrationGateHeld,DeployOps.Commands.InvokeDbMigrationCommand'
            "$($again.Databases[0].Validations[0])" | Should -Be 'Pass: notes are there: expected no rows, got no rows'
        }

        It 'leaves a proven archive and no database beside the live one' {
            @([System.IO.Directory]::GetFiles($env:DEPLOYOPS_HOME, 'shop-1.dump', 'AllDirectories')) | Should -HaveCount 1
            $scratch | Should -Be '0'
        }

        It 'leaves a log that is intact, and the password nowhere' {
            ($window | Test-DeploymentLog).IsIntact | Should -BeTrue
            @($told) | Should -HaveCount 0
            $run.Text.Contains($secret) | Should -BeFalse
        }

        It 'is stopped by stop.ps1, the servers too' {
            $stopped.Code | Should -Be 0 -Because $stopped.Text
            $leftover | Should -HaveCount 0
        }
    }

    Context 'whose checkout fails, where the plan takes the schema back' {
        BeforeAll {
            if ($missing) { return }
            Start-Shop '-Example', "$root/examples/shop-postgresql", '-Fault', 'checkout-500', '-Database', 'Down', '-Brief', '-Load', '45', '-Watch', '0:0:3'
            $before = [int](Get-FromServer primary 'SELECT count(*) FROM orders')
            $run = Invoke-Script "$state/release.ps1"
            $window = @(Get-DeploymentWindow)[0]
            $version = Get-EdgeVersion
            $column = foreach ($name in 'primary', 'replica') { Get-FromServer $name $hasStatus }
            $kept = Get-FromServer primary "SELECT count(*) >= $before AND count(*) FILTER (WHERE id <= 400) = 400 FROM orders"
            $history = Get-FromServer primary "SELECT string_agg(file_name || ' ' || state, ', ' ORDER BY id) FROM deployops.migration"
            $load = Get-Load
        }

        It 'ends with 3' { $run.Code | Should -Be 3 -Because $run.Text }

        It 'serves 2.3.0 through the edge again, and refuses nobody' {
            $version | Should -Be '2.3.0'
            $load.Refused | Should -Be 0
            $window.State | Should -Be 'RolledBack'
        }

        It 'has the old schema on both servers, and every order' {
            $column -join ', ' | Should -Be '0, 0'
            $kept | Should -Be 't'
        }

        It 'took the scripts back in reverse order, and tells so' {
            $history | Should -Be ('V2_4_0_1__add_orders_status.sql reverted, V2_4_0_2__index_orders_by_status.sql reverted, ' +
                'U2_4_0_2__index_orders_by_status.sql reverted, U2_4_0_1__add_orders_status.sql reverted')
            $run.Text | Should -Match 'database shop back at what it was'
        }
    }
}
