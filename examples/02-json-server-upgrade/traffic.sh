# Sourced by run.sh: reads as the documentation of json-server 0.17 gives them.
send '/profile' # a single object
send '/posts' # lists
send '/authors'
send '/posts/[1-12]' # items
send '/authors/[1-3]'
send '/posts/99' # not there
send '/unknown'
send '/posts?draft=true' # filters
send '/posts?authorId={1,2}'
send '/posts?id={1,2}'
send '/posts?views_gte={200,400}'
send '/posts?views_lte=100'
send '/posts?title_like=shadow'
send '/posts?q=shadow' # search
send '/posts?_limit=3' # paging
send '/posts?_start=2&_end=5'
send '/posts?_page={1,2,3}&_limit=5'
send '/posts?_page=1'
send '/posts?_page=1&_per_page=5'
send '/posts?_sort=views' # order
send '/posts?_sort=views&_order=desc'
send '/posts?_sort=authorId,views&_order=desc,asc'
send '/posts/[1-4]?_embed=comments' # relationships
send '/posts/[1-4]?_expand=author'
send '/posts/[1-4]/comments'
send '/authors?_embed=posts'
send '/db' # everything at once
