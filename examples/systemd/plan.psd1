# A plan to be filled in: copy this folder, put your names, addresses and limits in place of these, and run Test-DeploymentPlan ./plan.psd1 until it is
# content. Get-Help about_DeployOps_Plan tells of every key, also of those that are left out here.
@{
    # The release. Who approves the plan and who starts it are two people.
    Service = 'shop'; Environment = 'production'; Release = '2.4.0'; Runbook = 'release.ps1'
    Team    = @{ Lead = 'release-lead'; Monitor = 'observer' }
    Window  = @{ Duration = '02:00:00' }

    # What must be well before anything begins, and the file that says freeze while it is there.
    Health  = @{ Probes = @( @{ Name = 'edge'; Uri = 'http://127.0.0.1:8080/healthz'; Consecutive = 3 } )
                 Incidents = @( @{ Kind = 'File'; Path = 'freeze.json' } ) }

    # Kind is Sqlite, PostgreSql or MariaDb; a connection string with a password is a reference, such as 'file:/etc/shop/connection'.
    Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=/srv/shop/shop.db'; Migrations = 'migrations' } )

    # Instances are called as the router's destinations are. The deploy script starts and stops them.
    Rollout = @{ Strategy = 'BlueGreen'; Deploy = 'deploy-instance.ps1'; DrainTimeout = '00:00:30'
                 Router = @{ Kind = 'Yarp'; Path = 'edge.json'; Cluster = 'shop'; Uri = 'http://127.0.0.1:8080' }
                 Instances = @( @{ Name = 'blue-1'; Pool = 'blue'; Uri = 'http://127.0.0.1:8101' }
                                @{ Name = 'green-1'; Pool = 'green'; Uri = 'http://127.0.0.1:8102' } )
                 Health = '/healthz'; Version = '/version' }

    # The journeys that have to work; {{host}} in them is the router's address.
    Smoke   = @( 'smoke/*.hurl' )

    # What is watched afterwards, and how bad it may become. A baseline is measured before the release.
    Monitoring = @{ Duration = '01:00:00'; Interval = '00:01:00'; Baseline = '00:10:00'; Looks = 2
                    Metrics = @( @{ Name = '5xx ratio'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:8080/_edge/metrics'; Measure = 'Ratio'
                                    Numerator = 'http_requests_total{code=~"5.."}'; Denominator = 'http_requests_total'
                                    Limit = 0.05; BaselineRatio = 2.0; Margin = 0.01 } ) }

    # Whether a failure goes back by itself, and what becomes of the data then.
    Rollback = @{ When = 'Automatic'; Database = 'Keep' }
}
