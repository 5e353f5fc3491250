# Sourced by run.sh: what clients of the shop ask for. Every answer comes from the old shop.
send '/products/[1-600]'
send '/products?page=[0-59]'
send '/orders/[1-200]'
send '/orders/[1-200]/lines'
send '/search?q={anchor,buoy,chain}&page=[1-10]'
send '/stock/[1-400]'
send '/customers/[1-200]'
send '/reports/[1-300]'
send '/orders?from=[1-20]' --data '{"product":7}'  # writes: only the old shop gets them
